"""Help texts from the docstrings of methods: the notation of Python is replaced by that of the shell."""

import pytest

from tests.cli.help_texts import description, option_help


def test_description_has_the_verb_and_the_names_of_the_command() -> None:
    documented = [
        "Return a tag; returns the task too. One request, not paginated.",
        "It has a secret; None if an attempt whose response was lost did it.",
        "A batch is only for programs::",
        "See `change_color` and ``tags.list``. Returns its id.",
    ]
    assert description(documented, verb="Show").split("\n\n") == [
        "Show a tag; shows the task too.",
        "It has a secret.",
        "See `change-color` and `tags list`. Shows its id.",
    ]


@pytest.mark.parametrize(
    ("text", "help_text"),
    [
        (
            'id of the organization, or ``SubDomain("acme")``.',
            "Id of the organization, or its sub domain, such as acme.",
        ),
        ("id of the network, or its ``Permalink``.", "Id of the network, or its permalink."),
        ('id, or ``ipaddress.ip_address("203.0.113.7")``.', "Id, or the address itself, such as 203.0.113.7."),
        ('or its own id: ``ObjectID("vm_...")``.', "Or its own id: vm_..."),
        ("a name, which ``APIReference`` looks up.", "A name."),
        ("bus; None for Katapult's default.", "Bus; leave it out for Katapult's default."),
        ("only those (True), or the others (False).", "Only those (--value), or the others (--no-value)."),
        ("whether ``other_one`` applies.", "Whether --other-one applies."),
        ("see ``disk_io_profiles.list``.", "See `disk-io-profiles list`."),
        ("see `Organizations.deletion_steps`.", "See `organizations deletion-steps`."),
        ("such as ``acme.example``.", "Such as acme.example."),
    ],
)
def test_option_help_has_no_python_notation(text: str, help_text: str) -> None:
    assert option_help(text, option="value", clears=False, others=["other_one"], negative="no-value") == help_text


@pytest.mark.parametrize(
    "text", ["text; None removes it.", "names; an empty list for none.", "ids; None or an empty list."]
)
def test_none_in_a_docstring_becomes_the_option_that_removes_the_value(text: str) -> None:
    assert "--no-value" in option_help(text, option="value", clears=True, others=())
