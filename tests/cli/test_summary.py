"""The summary of a job: its counts, its text, its errors and its exit code."""

import pytest

from katapult_async import (
    AddressQuery,
    AddressVersion,
    AuthenticationError,
    ConnectError,
    Failed,
    IPAddress,
    KatapultError,
    NotAttemptedError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    Succeeded,
    UsageError,
)
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.summary import Summary

PROBLEM = Problem(method="GET", path="/x", description="no.", status=404, code="x_not_found", attempts=2)
QUERY = AddressQuery("vmnet_1", AddressVersion.IPV4)
SUCCEEDED: Succeeded[AddressQuery, list[IPAddress]] = Succeeded(QUERY, [IPAddress(id="ip_1", address="192.0.2.1")])


def failed(error: KatapultError) -> Failed[AddressQuery]:
    return Failed(QUERY, error)


def summary_of(*outcomes: Succeeded[AddressQuery, list[IPAddress]] | Failed[AddressQuery]) -> Summary:
    summary = Summary()
    for outcome in outcomes:
        summary.add(outcome)
    return summary


@pytest.mark.parametrize(
    ("summary", "single", "code"),
    [
        (summary_of(SUCCEEDED), False, ExitCode.OK),
        (summary_of(), False, ExitCode.OK),
        (summary_of(SUCCEEDED, failed(NotFoundError(PROBLEM))), False, ExitCode.PARTIAL),
        (summary_of(SUCCEEDED, failed(NotFoundError(PROBLEM))), True, ExitCode.PARTIAL),
        (summary_of(failed(NotFoundError(PROBLEM)), failed(NotFoundError(PROBLEM))), False, ExitCode.PARTIAL),
        (summary_of(failed(NotFoundError(PROBLEM)), failed(NotFoundError(PROBLEM))), True, ExitCode.NOT_FOUND),
        (summary_of(failed(NotFoundError(PROBLEM)), failed(ConnectError(PROBLEM))), True, ExitCode.PARTIAL),
        (summary_of(failed(UsageError("x"))), True, ExitCode.USAGE),
        (summary_of(SUCCEEDED, failed(AuthenticationError(PROBLEM))), False, ExitCode.DENIED),
        (summary_of(failed(AuthenticationError(PROBLEM)), failed(NotAttemptedError("x"))), False, ExitCode.DENIED),
        (summary_of(failed(PermissionDeniedError(PROBLEM))), False, ExitCode.DENIED),
        (summary_of(SUCCEEDED, failed(PermissionDeniedError(PROBLEM))), False, ExitCode.PARTIAL),
        (summary_of(failed(PermissionDeniedError(PROBLEM)), failed(ConnectError(PROBLEM))), False, ExitCode.PARTIAL),
    ],
)
def test_exit_code_depends_on_all_outcomes(summary: Summary, *, single: bool, code: ExitCode) -> None:
    assert summary.exit_code(single=single) is code


def test_machine_that_could_not_be_listed_is_a_failure() -> None:
    summary = summary_of(SUCCEEDED)
    summary.unlisted.append(Failed("vm_1", ConnectError(PROBLEM)))
    assert summary.exit_code(single=False) is ExitCode.PARTIAL
    assert [line.partition(":")[0] for line in summary.errors()] == ["the interfaces of vm_1 could not be listed"]


def test_machines_that_could_not_be_listed_for_one_reason_are_summarized_in_one_line() -> None:
    summary = summary_of(SUCCEEDED)
    summary.unlisted += [Failed(f"vm_{number}", ConnectError(PROBLEM)) for number in range(500)]
    summary.unlisted.append(Failed("vm_500", PermissionDeniedError(PROBLEM)))
    first, second = summary.errors()
    assert first.startswith(
        "the interfaces of 500 machines or organizations could not be listed; the first: vm_0: no ("
    )
    assert second.startswith("the interfaces of vm_500 could not be listed: no (")


def test_text_counts_queries_without_any_address() -> None:
    summary = summary_of(SUCCEEDED, Succeeded(QUERY, []), failed(NotFoundError(PROBLEM)))
    assert summary.text() == "2 of 3 queries answered (1 without any address), 1 address; 1 failed"


def test_errors_of_one_class_are_summarized_in_one_line() -> None:
    errors = [ConnectError(PROBLEM), ConnectError(PROBLEM), NotFoundError(PROBLEM)]
    first, second = summary_of(*map(failed, errors)).errors()
    assert first.startswith("2 queries failed; the first: no (404 x_not_found, ")
    assert second.startswith("1 query failed; the first: no (404 x_not_found, ")


def test_single_error_is_shown_without_a_count() -> None:
    [only] = summary_of(failed(NotFoundError(PROBLEM))).errors()
    assert only.startswith("no (404 x_not_found, ")


def test_stopped_job_counts_the_queries_that_are_left_as_far_as_they_are_known() -> None:
    summary = summary_of(SUCCEEDED, failed(ConnectError(PROBLEM)))
    summary.queries = 5
    assert summary.text_when_stopped() == "1 answered, 1 failed, 3 not answered, and the rest of the input not read"
    summary.total = 9
    assert summary.text_when_stopped() == "1 answered, 1 failed, 7 of 9 queries not answered"
    summary.answered_before = 4
    assert summary.text_when_stopped() == "1 answered, 1 failed, 4 already answered, 3 of 9 queries not answered"


def test_text_counts_responses_of_an_earlier_run() -> None:
    summary = summary_of(SUCCEEDED)
    summary.answered_before = 4
    assert summary.text() == "1 of 1 query answered, 1 address; 4 already answered"


def test_text_of_a_job_with_nothing_left_counts_no_new_queries() -> None:
    summary = Summary(answered_before=1500, total=1500)
    assert summary.text() == "nothing is left to query: 1500 queries already answered"
    summary.vanished_owners = 1
    assert summary.text().endswith("; skipped because they no longer exist: 0 queries, 1 machine or organization")
    summary.total, summary.vanished_queries = 1502, 2
    assert summary.text().startswith("0 of 0 queries answered, ")


def test_text_of_a_job_without_interfaces_says_that_none_was_found() -> None:
    text = "there is nothing to query: no network interface was found"
    assert Summary(total=0).text() == text
    skipped = "; skipped because they no longer exist: 0 queries, 1 machine or organization"
    assert Summary(total=0, vanished_owners=1).text() == text + skipped


def test_text_says_that_nothing_is_left_only_if_the_whole_input_is_known() -> None:
    """Otherwise a job whose lists failed would look like a job that is done."""
    unlisted = [Failed("org_1", ConnectError(PROBLEM))]
    assert Summary(total=0, unlisted=unlisted).text() == "0 of 0 queries answered, 0 addresses"
    of_resumed = "0 of 0 queries answered, 0 addresses; 4 already answered"
    assert Summary(answered_before=4, total=4, unlisted=unlisted).text() == of_resumed
    assert Summary(answered_before=4, total=None).text() == of_resumed  # the job failed before its input was read
