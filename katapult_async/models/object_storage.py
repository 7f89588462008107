"""Object storage: accounts, buckets, objects and access keys."""

import datetime

import attrs

from katapult_async.models.data_centers import DataCenter
from katapult_async.models.model import Model
from katapult_async.models.secret_fields import SECRET
from katapult_async.models.trash_objects import TrashObject


@attrs.frozen(kw_only=True, repr=False)
class ObjectStorageAccount(Model):
    """The object storage of an organization in one region. It has no id: organization and region identify it."""

    region: str
    """Region, such as ``uk-lon-1``."""

    created_at: datetime.datetime | None = None
    """When object storage was enabled."""

    provisioning_state: str | None = None
    """``provisioning``, ``provisioned`` or ``failed`` so far."""

    size: int | None = None
    """Size of all objects in bytes; updated from time to time."""

    bucket_count: int | None = None
    """Number of buckets."""

    data_center: DataCenter | None = None
    """The data center of the region."""


@attrs.frozen(kw_only=True, repr=False)
class TrashedObjectStorageAccount(Model):
    """An object storage account that was put into the trash."""

    object_storage_account: ObjectStorageAccount
    """The account."""

    trash_object: TrashObject
    """The object in the trash, without ``object_id``: see ``katapult.trash_objects``."""


@attrs.frozen(kw_only=True, repr=False)
class BucketAccessControlList(Model):
    """Who may use the objects of a bucket."""

    public_read: bool | None = None
    """Whether anyone may read objects."""

    public_list: bool | None = None
    """Whether anyone may list objects."""

    all_keys_read: bool | None = None
    """Whether any access key may read objects."""

    all_keys_write: bool | None = None
    """Whether any access key may create and delete objects."""

    read_key_ids: tuple[str, ...] = ()
    """Ids of the access keys that may read objects."""

    write_key_ids: tuple[str, ...] = ()
    """Ids of the access keys that may create and delete objects."""


@attrs.frozen(kw_only=True, repr=False)
class ObjectStorageBucket(Model):
    """A bucket. It has no id: region and name identify it."""

    name: str
    """Name, unique among the buckets of all organizations."""

    label: str | None = None
    """A second name, or a comment."""

    created_at: datetime.datetime | None = None
    """When the bucket was created."""

    state: str | None = None
    """``pending`` or ``configured`` so far."""

    custom_domain: str | None = None
    """Domain of the public URL of the bucket. Documented, but in no recorded response."""

    object_count: int | None = None
    """Number of objects."""

    size: int | None = None
    """Size of all objects in bytes."""

    serve_static_site: bool | None = None
    """Whether the bucket is served as a website."""

    static_site_index: str | None = None
    """Name of the website's index page."""

    static_site_error: str | None = None
    """Name of the website's error page."""

    public_url: str | None = None
    """URL of the bucket."""

    access_control_list: BucketAccessControlList | None = None
    """Who may use the objects of the bucket."""


@attrs.frozen(kw_only=True, repr=False)
class ObjectStorageObject(Model):
    """An object or folder in a bucket."""

    filename: str | None = None
    """Last part of the path."""

    bucket_name: str | None = None
    """Name of the bucket."""

    full_path: str
    """Path in the bucket."""

    public_url: str | None = None
    """URL, for which the bucket must be public."""

    size: int | None = None
    """Size in bytes."""

    folder: bool | None = None
    """Whether the object is a folder."""


@attrs.frozen(kw_only=True, repr=False)
class PresignedURL(Model):
    """A URL that needs no credentials."""

    url: str = attrs.field(repr=False, metadata=SECRET)
    """The URL: a secret, since anyone who has it can download the object."""


@attrs.frozen(kw_only=True, repr=False)
class ObjectStorageAccessKey(Model):
    """An access key: credentials for programs that use the S3 protocol."""

    id: str
    """Katapult's id, ``objkey_...``."""

    name: str | None = None
    """Display name."""

    created_at: datetime.datetime | None = None
    """When the key was created."""

    region: str | None = None
    """Region, such as ``uk-lon-1``."""

    state: str | None = None
    """``pending`` or ``configured`` so far."""

    all_buckets_read: bool | None = None
    """Whether the key may list all buckets."""

    all_objects_read: bool | None = None
    """Whether the key may read the objects of all buckets."""

    all_objects_write: bool | None = None
    """Whether the key may create and delete objects in all buckets."""

    read_buckets: tuple[str, ...] = ()
    """Names of the buckets whose objects the key may read; empty with `all_objects_read`."""

    write_buckets: tuple[str, ...] = ()
    """Names of the buckets in which the key may create and delete objects; empty with `all_objects_write`."""

    server_url: str | None = None
    """Host and port for the S3 protocol; None before the key has credentials."""

    s3_access_key_id: str | None = None
    """Access key id for the S3 protocol; None before the key has credentials."""

    s3_secret_access_key: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """Secret access key for the S3 protocol: a secret that only ``generate_credentials`` returns."""
