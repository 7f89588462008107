"""Each promise, with the tests that prove it: `table`. `sentences`: the sentences that may be promises."""
