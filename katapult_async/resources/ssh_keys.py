"""SSH keys. Core API v1: get:organization_ssh_keys, post:organization_ssh_keys, delete:ssh_key."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import SubDomain
from katapult_async.models.ssh_keys import SSHKey
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import SSH_KEY
from katapult_async.resources.resource import Resource

_SSH_KEYS: Final = Operations(SSH_KEY, SSHKey)


class SSHKeys(Resource):
    """SSH keys: public keys that virtual machines can be built with. Reached as ``katapult.ssh_keys``."""

    @_SSH_KEYS.list("/organizations/organization/ssh_keys")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[SSHKey]:
        """Return the SSH keys of an organization.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_SSH_KEYS.create("/organizations/organization/ssh_keys", inside="ssh_key")
    async def create(
        self, *, organization: str | SubDomain, name: str, key: str, **options: Unpack[CallOptions]
    ) -> SSHKey:
        """Add an SSH key to an organization and return it.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            key: the public key, as in ``authorized_keys``: ``ssh-ed25519 AAAA...``.

        Raises:
            UnprocessableError: the key is not valid; ``detail`` lists the problems.
        """

    @_SSH_KEYS.delete()
    async def delete(self, ssh_key: str, **options: Unpack[CallOptions]) -> SSHKey | None:
        """Delete an SSH key and return it as it was; None if the response was lost and a retry did not find it.

        Args:
            ssh_key: id of the key.

        Raises:
            ConflictError: the key must not be deleted (``deletion_restricted``); ``detail`` lists the reasons.
        """
