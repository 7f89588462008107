"""Every text that a logger, an error tracker or a process pool could make of an error. None may hold a secret."""

import io
import pickle
import traceback


def texts_of(error: BaseException) -> str:
    """Return the texts of an error, its causes and the errors of earlier attempts, with their local variables."""
    out = io.StringIO()
    chain: list[BaseException] = [error]
    seen: set[int] = set()
    while chain:
        current = chain.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        chain += filter(None, (current.__cause__, current.__context__, *getattr(current, "earlier", ())))
        out.writelines(traceback.TracebackException.from_exception(current, capture_locals=True).format(chain=False))
        print(repr(current), str(current), current.args, vars(current), file=out)
        pickled = pickle.dumps(current)
        print(pickled, str(pickle.loads(pickled)), file=out)
    return out.getvalue()
