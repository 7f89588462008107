"""The public names of `katapult_async`, and no others."""

from katapult_async.batch import Batch as Batch, Failed as Failed, Succeeded as Succeeded
from katapult_async.client import KatapultClient as KatapultClient
from katapult_async.config import RateLimitPolicy as RateLimitPolicy, RetryPolicy as RetryPolicy, Timeouts as Timeouts
from katapult_async.core.encoding import Argument as Argument
from katapult_async.core.endpoints import EmptyResponse as EmptyResponse, Endpoint as Endpoint, Ref as Ref
from katapult_async.core.hooks import Outage as Outage, ResponseNotice as ResponseNotice, RetryNotice as RetryNotice
from katapult_async.core.pagination import Pages as Pages
from katapult_async.errors import (
    APIError as APIError,
    AuthenticationError as AuthenticationError,
    BadRequestError as BadRequestError,
    BadResponseError as BadResponseError,
    BadResponseReason as BadResponseReason,
    ClientClosedError as ClientClosedError,
    ConflictError as ConflictError,
    ConnectError as ConnectError,
    DisconnectedError as DisconnectedError,
    FailureKind as FailureKind,
    IncompleteListError as IncompleteListError,
    KatapultError as KatapultError,
    MissingObject as MissingObject,
    NotAcceptableError as NotAcceptableError,
    NotAttemptedError as NotAttemptedError,
    NotFoundError as NotFoundError,
    PermissionDeniedError as PermissionDeniedError,
    Problem as Problem,
    RateLimitReachedError as RateLimitReachedError,
    RateLimitWait as RateLimitWait,
    RateLimitWaitError as RateLimitWaitError,
    RequestError as RequestError,
    RequestTimeoutError as RequestTimeoutError,
    ServerError as ServerError,
    ServiceUnavailableError as ServiceUnavailableError,
    TaskFailedError as TaskFailedError,
    TaskState as TaskState,
    TaskTimeoutError as TaskTimeoutError,
    TimeoutPhase as TimeoutPhase,
    TransportError as TransportError,
    UnprocessableError as UnprocessableError,
    UsageError as UsageError,
)
from katapult_async.http.aiohttp_transport import AiohttpTransport as AiohttpTransport
from katapult_async.http.transport import (
    Progress as Progress,
    Transport as Transport,
    TransportFailure as TransportFailure,
    TransportRequest as TransportRequest,
    TransportResponse as TransportResponse,
)
from katapult_async.models._public import *  # noqa: F403 # every model is public
from katapult_async.models.ip_addresses import IPVersion as IPVersion
from katapult_async.models.serialization import Plain as Plain, to_dict as to_dict
from katapult_async.options import CallOptions as CallOptions
from katapult_async.rate_limit.status import Estimate as Estimate, RateLimit as RateLimit, WaitNotice as WaitNotice
from katapult_async.rate_limit.wait_reasons import DenialReason as DenialReason
from katapult_async.resources._public import *  # noqa: F403 # every resource is public
from katapult_async.version import __version__ as __version__
