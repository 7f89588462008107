"""The promises, each with the tests that check it: the beginning of a sentence, and names of tests.

A promise is a sentence or a table row of the README that has a number, "never", "always", "every", "exactly" or "at
most", or a sentence of a public docstring that has "never", "always", "exactly" or "at most".
"""

from typing import Final

_SETTINGS = "tests/test_readme.py::test_readme_settings_table_has_the_defaults"
_RETRY = "tests/core/test_retry.py::test_failure_and_method_decide_whether_an_attempt_is_repeated"
_ERRORS = "tests/test_readme.py::test_readme_error_table_lists_every_error_class"
_STATUS = "tests/core/test_error_mapping.py::test_status_decides_the_class_of_an_error_without_a_known_code"
_EXIT = "tests/test_readme.py::test_readme_exit_code_table_matches_the_command"
_EXIT_OF_ERRORS = "tests/cli/test_exit_codes.py::test_each_error_has_its_exit_code"
_SITUATIONS = "tests/simulation/test_isolation.py::test_goals_of_the_situation_are_met"
_GOALS = "tests/simulation/test_goals.py::test_goal_is_met"
_ALLOCATION = "tests/resources/test_allocation.py::test_any_sequence_of_failures_never_allocates_two_addresses"
_RESUME = "tests/cli/test_available_ips_resume.py"
_HELP = "tests/cli/test_help.py"
_FIGURES = "tests/promises/test_figures.py"
_SOCKETS = "tests/promises/test_sockets.py"

README: Final[dict[str, tuple[str, ...]]] = {
    "An asyncio client for the [Katapult]": (
        "tests/openapi/test_table.py::test_every_operation_has_a_method_a_command_and_a_rule_of_the_sandbox",
        _GOALS,
        "tests/openapi/test_idempotent_operations.py::test_operation_is_idempotent_unless_a_second_request_could_do_harm",
    ),
    "The command requests the free IPv4 addresses": (
        "tests/cli/test_free_address_counts.py::test_option_exhausted_queries_ipv4_unless_a_version_is_given",
    ),
    "Without `--exhausted` it counts": (
        "tests/cli/test_free_address_counts.py::test_command_counts_the_addresses_of_the_records",
        "tests/cli/test_free_address_counts.py::test_counts_are_sorted_by_exhaustion_then_data_center_then_name",
    ),
    "A status that the table does not have": (
        "tests/core/test_error_mapping.py::test_status_decides_the_class_of_an_error_without_a_known_code",
        _RETRY,
    ),
    "Any other 4xx whose JSON body was cut": (
        "tests/faults/test_table.py::test_fault_ends_as_its_row_says_and_the_next_call_succeeds",
        _RETRY,
    ),
    "A mock needs no server": (
        "tests/test_client.py::test_autospec_of_the_class_has_the_methods_of_each_resource_with_their_signatures",
    ),
    "In a notebook, every cell": ("tests/test_readme.py::test_readme_snippet_about_results_runs",),
    "CI runs on Linux with CPython 3.11": (
        "tests/test_readme.py::test_ci_runs_the_tests_that_the_readme_command_leaves_out",
    ),
    "The quick tests also pass on CPython 3.12": (
        f"{_FIGURES}::test_tested_python_versions_of_the_readme_are_those_of_the_classifiers",
    ),
    "The command starts a local server": (
        "tests/test_readme.py::test_ci_runs_the_two_readme_commands_that_install_the_library",
        "tests/cli/test_available_ips.py::test_table_has_a_row_for_each_query_with_count_and_first_addresses",
    ),
    "The library needs Python 3.11": (f"{_FIGURES}::test_lowest_python_version_of_the_readme_is_that_of_the_package",),
    "Every method takes `timeout`": (
        f"{_SOCKETS}::test_timeout_bounds_a_method_of_several_requests",
        f"{_SOCKETS}::test_call_whose_max_wait_ends_before_the_next_window_is_not_sent",
        _SETTINGS,
        "tests/test_call_limits.py::test_timeout_of_an_allocation_bounds_its_requests",
        "tests/test_call_limits.py::test_max_wait_bounds_all_requests_of_an_allocation",
    ),
    "| `Timeouts(connect": (
        f"{_SOCKETS}::test_connecting_ends_at_its_timeout_and_nothing_was_sent",
        _SETTINGS,
    ),
    "| `Timeouts(read": (
        f"{_SOCKETS}::test_call_without_a_response_ends_at_each_timeout",
        _SETTINGS,
    ),
    "| `Timeouts(attempt": (
        f"{_SOCKETS}::test_call_without_a_response_ends_at_each_timeout",
        _SETTINGS,
    ),
    "| `Timeouts(call": (
        f"{_SOCKETS}::test_call_without_a_response_ends_at_each_timeout",
        _SETTINGS,
        "tests/core/test_caller.py::test_call_ends_at_its_deadline_and_says_what_it_waited_for",
    ),
    "| `RetryPolicy(attempts": (
        f"{_SOCKETS}::test_call_makes_five_attempts_and_a_post_makes_one",
        _SETTINGS,
        "tests/core/test_retry.py::test_bound_of_attempts_includes_the_first",
    ),
    "| `RetryPolicy(refusals": (
        f"{_SOCKETS}::test_refused_calls_are_repeated_up_to_their_own_bound",
        _SETTINGS,
        "tests/core/test_retry.py::test_refusals_have_a_bound_of_their_own",
    ),
    "| `RetryPolicy(outage_timeout": (
        f"{_SOCKETS}::test_open_breaker_sends_one_probe_at_a_time_and_does_not_affect_other_endpoints",
        _SETTINGS,
        "tests/core/test_breaker_queue.py::test_each_call_has_its_own_outage_timeout",
    ),
    "| `RateLimitPolicy(max_wait": (
        f"{_SOCKETS}::test_call_whose_max_wait_ends_before_the_next_window_is_not_sent",
        _SETTINGS,
        "tests/core/test_caller.py::test_wait_of_all_attempts_together_stays_within_max_wait",
    ),
    "| `RateLimitPolicy(max_in_flight": (
        f"{_SOCKETS}::test_no_more_requests_are_in_flight_than_the_policy_allows",
        _SETTINGS,
        "tests/rate_limit/test_max_in_flight.py::test_no_more_requests_than_the_limit_are_in_flight",
    ),
    "| `RateLimitPolicy(window": (_SETTINGS,),
    "A batch holds at most `concurrency` items": (
        f"{_SOCKETS}::test_batch_holds_at_most_concurrency_items_and_yields_each_once",
        f"{_SOCKETS}::test_every_item_succeeds_after_temporary_failures",
        "tests/test_batch.py::test_batch_holds_at_most_concurrency_items_of_an_endless_input",
        "tests/test_batch.py::test_batch_takes_three_more_items_at_most_while_its_calls_are_stuck",
        "tests/test_batch.py::test_batch_yields_every_item_exactly_once",
        "tests/test_batch.py::test_outcomes_are_in_order_of_completion",
    ),
    "When Katapult rejects the token for two items": (
        f"{_SOCKETS}::test_rejected_token_stops_a_batch_and_every_item_has_its_outcome",
        "tests/test_batch_shutdown.py::test_token_rejected_twice_in_a_row_stops_the_calls",
    ),
    "After a lost response it checks the interface": (
        f"{_SOCKETS}::test_lost_responses_never_allocate_two_addresses",
        _ALLOCATION,
    ),
    "Every method that starts a task takes `wait=True`": (
        f"{_SOCKETS}::test_method_waits_for_its_task_and_a_deletion_can_be_repeated",
        f"{_FIGURES}::test_every_method_that_starts_a_task_can_wait",
        "tests/resources/test_wait_option.py::test_method_returns_when_the_task_is_completed_and_the_machine_has_the_wanted_state",
    ),
    "The single calls of a request handler go before every batch": (
        f"{_SOCKETS}::test_single_call_is_sent_before_a_batch_that_waits_for_the_window",
        "tests/rate_limit/test_limiter.py::test_single_calls_go_before_batch_calls_in_order",
    ),
    "Give them a short `timeout`": (
        "tests/core/test_caller.py::test_call_ends_at_its_deadline_and_says_what_it_waited_for",
    ),
    "Turn `RateLimitWaitError` into a 503": (
        "tests/examples/web_app/test_error_responses.py::test_retry_after_is_rounded_up_to_whole_seconds",
        "tests/examples/web_app/test_app.py::test_used_up_window_returns_503_with_retry_after",
    ),
    "Turn `RequestTimeoutError` into a 504": (
        "tests/examples/test_fastapi_lifespan.py::test_call_without_a_response_returns_504_after_its_timeout",
        "tests/examples/web_app/test_app.py::test_invalid_request_returns_its_status_and_a_json_error",
    ),
    "- **Times.** Rate limit windows last 1 s": (
        "tests/test_pytest_plugin.py::test_windows_last_a_second_and_retries_wait_at_most_a_tenth",
    ),
    "Such a client waits as it does for Katapult": (
        _SETTINGS,
        "tests/test_pytest_plugin.py::test_client_from_the_environment_gets_short_waits_from_its_policies",
    ),
    "- **State.** `sandbox.store.all(DNSZone)` returns": (
        "tests/sandbox/test_lifetime.py::test_request_log_has_requests_and_statuses",
    ),
    "Every error of this library is": ("tests/test_errors.py::test_class_tree_matches_the_module_docstring", _ERRORS),
    "| `ConnectError`": (_ERRORS, _RETRY),
    "| `BadRequestError`": (_ERRORS, _STATUS),
    "| `NotFoundError`": (_ERRORS, _STATUS),
    "| `NotAcceptableError`": (_ERRORS, _STATUS),
    "| `ConflictError`": (_ERRORS, _STATUS),
    "| `UnprocessableError`": (_ERRORS, _STATUS, _RETRY),
    "| `RateLimitReachedError`": (_ERRORS, _STATUS, _RETRY),
    "| `ServiceUnavailableError`": (
        f"{_SOCKETS}::test_server_errors_are_retried_except_501_and_505",
        _ERRORS,
        _STATUS,
        _RETRY,
    ),
    "| `ServerError`": (f"{_SOCKETS}::test_server_errors_are_retried_except_501_and_505", _ERRORS, _STATUS, _RETRY),
    "Any other write is repeated only": (
        "tests/openapi/test_idempotent_operations.py::test_operation_is_idempotent_unless_a_second_request_could_do_harm",
        _RETRY,
    ),
    "Each wait is random, from 0": (
        "tests/core/test_retry.py::test_bound_of_the_wait_doubles_up_to_its_maximum",
        _SETTINGS,
    ),
    "Methods that wait for work of Katapult": (
        "tests/resources/test_wait_option.py::test_default_timeout_of_a_wait_is_ten_minutes_or_the_timeout_of_the_batch",
    ),
    "The circuit breaker of an endpoint opens": (
        f"{_SOCKETS}::test_open_breaker_sends_one_probe_at_a_time_and_does_not_affect_other_endpoints",
        f"{_FIGURES}::test_circuit_breaker_of_an_endpoint_opens_after_20_failures",
        "tests/core/test_circuit_breaker.py::test_success_closes_the_breaker_and_returns_a_fifth_of_the_budget",
        "tests/core/test_breaker_queue.py::test_one_probe_is_in_flight_at_a_time_while_an_endpoint_fails",
        "tests/core/test_breaker_queue.py::test_breaker_of_an_endpoint_affects_no_other_endpoint",
    ),
    "The calls to this endpoint then wait": (
        "tests/core/test_breaker_queue.py::test_another_probe_is_sent_while_one_has_no_response",
    ),
    "- A single call makes five attempts": (
        f"{_SOCKETS}::test_call_makes_five_attempts_and_a_post_makes_one",
        f"{_FIGURES}::test_waits_of_a_call_of_five_attempts_are_at_most_7_5_seconds_together",
        "tests/core/test_caller.py::test_attempts_and_the_waits_between_them_are_bounded",
        _SETTINGS,
    ),
    "- Calls of a batch wait up to 15 minutes": (
        _SETTINGS,
        "tests/core/test_retry.py::test_failures_of_an_endpoint_that_fails_for_all_calls_use_up_no_attempts",
    ),
    "Once the circuit breaker is open": (_SETTINGS, _SITUATIONS),
    "- The last items of a batch": (_SITUATIONS,),
    "Katapult counts the requests of a token": (
        "tests/rate_limit/test_limiter_sockets.py::test_batches_that_share_a_token_take_at_most_5_s_longer_than_the_shortest_time",
    ),
    "A 429 delays only the calls": (
        f"{_SOCKETS}::test_refusals_of_one_endpoint_do_not_stop_the_others",
        _SITUATIONS,
    ),
    "The limit of a proxy in front": (
        "tests/rate_limit/test_nginx.py::test_batch_behind_limit_req_takes_at_most_twice_the_time_that_it_allows",
        "tests/rate_limit/test_nginx.py::test_batch_behind_limit_conn_loses_nothing",
        _SITUATIONS,
    ),
    "The table shows simulated batches of 2.5 windows": (_GOALS,),
    "It is given for one process": (_GOALS,),
    "`lost` is the number of calls without": (
        "tests/simulation/test_goals.py::test_failed_call_is_counted_as_lost_while_others_are_in_flight",
    ),
    "| katapult_async | 1.00x": (_GOALS,),
    "- **Time.** Every command that sends requests takes": (
        f"{_HELP}::test_every_command_that_sends_requests_has_a_timeout_whose_default_its_help_names",
    ),
    "A command that it ends has exit code 5": (
        "tests/cli/test_read_commands.py::test_timeout_ends_any_command_with_code_5",
        "tests/cli/test_available_ips.py::test_timeout_ends_with_code_5",
    ),
    "- **Token.** The token comes from the environment": (f"{_HELP}::test_no_command_takes_a_token_as_an_argument",),
    "A table never cuts a cell": (
        "tests/cli/test_table.py::test_no_table_loses_a_character",
        "tests/cli/test_table.py::test_no_block_loses_a_character",
        "tests/cli/test_table.py::test_no_command_loses_a_character_on_any_width",
    ),
    "- **Help.** The `--help` of every command has examples": (
        f"{_HELP}::test_every_command_has_an_example_and_help_for_every_option",
        f"{_HELP}::test_example_of_the_help_works",
    ),
    "Every response becomes a line of JSON": (
        "tests/cli/test_output.py::test_every_format_except_the_table_is_written_record_by_record",
    ),
    "Ctrl-C, SIGTERM and SIGHUP write the failed queries too": (
        f"{_RESUME}::test_job_that_is_killed_three_times_ends_with_one_correct_line_for_each_query",
        "tests/cli/test_checkpoint.py::test_file_cut_at_any_byte_has_the_answers_before_the_cut",
        "tests/cli/test_signals.py::test_signal_leaves_whole_records_in_every_format",
    ),
    "| 0 | every request succeeded": (_EXIT, _EXIT_OF_ERRORS),
    "| 1 | any other failure": (_EXIT, "tests/cli/test_main.py::test_full_disk_is_one_error_line_and_code_1"),
    "| 2 | the command or an argument is wrong": (_EXIT, _EXIT_OF_ERRORS),
    "| 3 | the token is not accepted": (_EXIT, _EXIT_OF_ERRORS),
    "| 4 | no such object": (_EXIT, _EXIT_OF_ERRORS),
    "| 5 | a deadline passed": (_EXIT, _EXIT_OF_ERRORS),
    "| 6 | some or all of several queries failed": (
        _EXIT,
        "tests/cli/test_summary.py::test_exit_code_depends_on_all_outcomes",
    ),
    "| 129 | SIGHUP": (_EXIT, f"{_RESUME}::test_signal_writes_the_answers_so_far_and_shows_how_to_resume"),
    "| 130 | Ctrl-C": (_EXIT, f"{_RESUME}::test_signal_writes_the_answers_so_far_and_shows_how_to_resume"),
    "| 143 | SIGTERM": (_EXIT, f"{_RESUME}::test_signal_writes_the_answers_so_far_and_shows_how_to_resume"),
    "[What can go wrong](tests/faults/README.md)": (
        "tests/faults/test_table.py::test_readme_is_the_printed_table",
        "tests/faults/test_table.py::test_fault_ends_as_its_row_says_and_the_next_call_succeeds",
    ),
    "The sandbox is for tests": ("tests/sandbox/test_lifetime.py::test_base_url_has_the_port_that_the_system_chose",),
    "The sandbox serves": (f"{_FIGURES}::test_sandbox_serves_as_many_operations_as_the_readme_says",),
    "- A response may have at most 4 MiB": (
        f"{_SOCKETS}::test_response_has_4_mib_and_262144_values_at_most",
        "tests/core/test_stepwise_decoding.py::test_body_has_262144_values_at_most",
        "tests/faults/test_table.py::test_fault_ends_as_its_row_says_and_the_next_call_succeeds",
    ),
    "The `concurrency` of a batch is at most 1,000": (
        "tests/test_batch.py::test_concurrency_from_1_to_1000_is_accepted",
    ),
}

DOCSTRINGS: Final[dict[str, tuple[str, ...]]] = {
    "So at most ``concurrency`` items are held": (
        "tests/test_batch.py::test_batch_holds_at_most_concurrency_items_of_an_endless_input",
    ),
    "Outcomes come in order of completion": (
        "tests/test_batch.py::test_outcomes_are_in_order_of_completion",
        "tests/test_batch.py::test_batch_yields_every_item_exactly_once",
    ),
    "Requests the task at once, then after half a second": (
        "tests/resources/test_wait_for_tasks.py::test_intervals_between_requests_grow_up_to_ten_seconds",
    ),
    "It tries another address only if the interface certainly": (_ALLOCATION,),
}

NO_PROMISES: Final[dict[str, str]] = {
    "If the requests of four or eight processes fill exactly": "measured: python -m tests.benchmarks rate_limit",
    "Report a weakness privately": "a request to the reader",
    "Until 1.0 a minor version": "a policy for the future",
    "From 1.0 on": "a policy for the future",
    "- One process sends about 4,000 requests": "measured: python -m tests.benchmarks scale",
    "An open client takes 60 KiB": "measured: python -m tests.benchmarks scale",
    "| | alone | refused, alone |": "the head of a table",
    "The last column is the time of a single call": "says what a column contains",
    "| tenacity, exponential |": "measured: python -m tests.benchmarks rate_limit",
    "| aiolimiter, paced |": "measured: python -m tests.benchmarks rate_limit",
    "| aiolimiter, bursting |": "measured: python -m tests.benchmarks rate_limit",
    "| pyrate-limiter, sliding |": "measured: python -m tests.benchmarks rate_limit",
    "| pyrate-limiter, fixed |": "measured: python -m tests.benchmarks rate_limit",
    "| sleep until reset |": "measured: python -m tests.benchmarks rate_limit",
    "A call whose response has 254 addresses takes": "measured, and bounded in CI: python -m tests.benchmarks all",
    "A batch of 20,000 calls takes": "measured, and bounded in CI: python -m tests.benchmarks all",
}
"""Sentences that promise nothing, each with the reason."""
