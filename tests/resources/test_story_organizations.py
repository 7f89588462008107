"""Stories of managed organizations, API tokens and users, against the sandbox over real sockets."""

import datetime

import pytest

from katapult_async import (
    AuthenticationError,
    BadRequestError,
    ConflictError,
    KatapultClient,
    NotFoundError,
    PermissionDeniedError,
    SubDomain,
    UnprocessableError,
    UsageError,
    to_dict,
)
from katapult_async.sandbox import Sandbox

LARCH = SubDomain("larch")


async def test_managed_organization_can_be_deleted_when_it_has_no_objects(client: KatapultClient) -> None:
    managed = client.managed_organizations
    created = await managed.create(organization=LARCH, name="Shop", sub_domain="shop")
    assert (created.name, created.managed) == ("Shop", True)
    assert [organization.sub_domain async for organization in managed.list(organization=LARCH)] == ["shop"]
    with pytest.raises(UnprocessableError) as taken:
        await managed.create(organization=LARCH, name="Shop", sub_domain="shop")
    assert taken.value.detail == {"errors": ["Sub domain has already been taken"]}
    with pytest.raises(BadRequestError):
        await client.organizations.policy(created.id)

    center = await anext(aiter(client.data_centers.list()))
    network = await client.virtual_networks.create(organization=created.id, data_center=center.id, name="Inside")
    steps = await client.organizations.deletion_steps(created.id)
    assert steps.virtual_networks is not None
    assert steps.virtual_networks.satisfied is False
    with pytest.raises(ConflictError) as refused:
        await managed.delete(created.id)
    assert refused.value.code == "deletion_steps_not_satisfied"
    await client.virtual_networks.delete(network.id)
    await managed.delete(SubDomain("shop"))
    with pytest.raises(NotFoundError):
        await client.organizations.get(created.id)
    with pytest.raises(ConflictError):
        await managed.delete(LARCH)


async def test_organization_has_limits_and_prices(client: KatapultClient) -> None:
    policy = await client.organizations.policy(LARCH)
    machines = await client.virtual_machines.list(organization=LARCH)
    assert policy.limits is not None
    assert policy.limits.virtual_machines is not None
    assert policy.limits.virtual_machines.current == len(machines)
    assert policy.limits.uninvoiced_balance is not None
    assert policy.limits.uninvoiced_balance.limit == 500.0
    limits = await client.organizations.policy_limits(LARCH)
    assert limits.maximum_virtual_machines is not None
    assert limits.maximum_virtual_machines.value == policy.limits.virtual_machines.limit
    prices = await client.organizations.prices(LARCH)
    assert prices.currency is not None
    assert (prices.currency.iso_code, prices.prices[0].price) == ("GBP", 5.25)
    users = [access.user async for access in client.organizations.users_with_access(LARCH)]
    assert [user.first_name for user in users if user is not None] == ["Ada", "Grace"]


async def test_api_token_is_created_changed_regenerated_and_deleted(sandbox: Sandbox, client: KatapultClient) -> None:
    tokens = client.api_tokens
    # Create a token. Only this response has its secret.
    expires_at = datetime.datetime(2030, 1, 2, tzinfo=datetime.UTC)
    token = await tokens.create(organization=LARCH, name="ci", scopes=["organizations:read"], expires_at=expires_at)
    assert token.secret
    assert (token.name, token.scopes, token.expires_at) == ("ci", ("organizations:read",), expires_at)
    assert token.secret not in f"{token!r}{to_dict(token)}"
    assert [token.secret async for token in tokens.list(organization=LARCH)] == [None, None]
    # Use the token while its scopes and addresses are changed.
    async with KatapultClient(token.secret, base_url=sandbox.base_url) as own:
        assert (await own.organizations.get(LARCH)).sub_domain == "larch"
        with pytest.raises(NotFoundError):
            await own.users.current()
        with pytest.raises(PermissionDeniedError):
            await own.tags.list(organization=LARCH)
        await tokens.update(token.id, scopes=["tags"], expires_at=None)
        assert len(await own.tags.list(organization=LARCH)) == 4
        await tokens.update(token.id, authorized_ip_addresses=["203.0.113.0/24"])
        with pytest.raises(AuthenticationError):
            await own.tags.list(organization=LARCH)
        await tokens.update(token.id, authorized_ip_addresses=["127.0.0.0/8", "::1"])

        # Replace its secret, although a response is lost.
        sandbox.lose_next(matching="/regenerate_secret")
        renewed = await tokens.regenerate_secret(token.id)
        assert renewed.secret
        with pytest.raises(AuthenticationError):
            await own.tags.list(organization=LARCH)
    # Use the new secret, and delete the token.
    async with KatapultClient(renewed.secret, base_url=sandbox.base_url) as own:
        assert len(await own.tags.list(organization=LARCH)) == 4
        deleted = await tokens.delete(token.id)
        assert deleted is not None
        assert deleted.name == "ci"
        with pytest.raises(AuthenticationError):
            await own.tags.list(organization=LARCH)


async def test_api_token_with_invalid_values_is_refused(client: KatapultClient) -> None:
    with pytest.raises(UsageError, match="expires_at must be a datetime with a time zone"):
        await client.api_tokens.create(organization=LARCH, name="ci", expires_at=datetime.datetime(2030, 1, 2))  # noqa: DTZ001 - the mistake
    with pytest.raises(UnprocessableError):
        await client.api_tokens.create(organization=LARCH, name="ci", scopes=["everything"])
    with pytest.raises(UnprocessableError):
        await client.api_tokens.create(organization=LARCH, name="ci", authorized_ip_addresses=["here"])
    past = await client.api_tokens.create(
        organization=LARCH, name="past", expires_at=datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
    )
    assert past.secret
    async with KatapultClient(past.secret, base_url=client.base_url) as own:
        with pytest.raises(AuthenticationError):
            await own.organizations.get(LARCH)


async def test_current_user_is_shown_and_its_web_session_can_be_ended_once(client: KatapultClient) -> None:
    current = await client.users.current()
    assert (current.user.first_name, [organization.sub_domain for organization in current.organizations]) == (
        "Ada",
        ["larch", "rowan"],
    )
    await client.users.invalidate_linked_web_session()
    with pytest.raises(BadRequestError) as refused:
        await client.users.invalidate_linked_web_session()
    assert refused.value.code == "identity_not_linked_to_web_session"
