"""Kinds: the table of what the store and the rules must know of each class of objects, and the names of classes."""

import re
from collections.abc import Mapping
from typing import Any

import attrs

from .models import (
    AddressList,
    AddressListEntry,
    APIToken,
    Certificate,
    ConsoleSession,
    Country,
    CountryState,
    Currency,
    DataCenter,
    Disk,
    DiskBackupPolicy,
    DiskIOProfile,
    DiskTemplate,
    DiskTemplateVersion,
    DNSRecord,
    DNSZone,
    FileStorageVolume,
    GPUType,
    IPAddress,
    LoadBalancer,
    LoadBalancerRule,
    Network,
    NetworkSpeedProfile,
    ObjectStorageAccessKey,
    ObjectStorageAccount,
    ObjectStorageBucket,
    ObjectStorageCluster,
    OperatingSystem,
    Organization,
    SecurityGroup,
    SecurityGroupRule,
    SSHKey,
    Tag,
    Task,
    TrashObject,
    User,
    VirtualMachine,
    VirtualMachineBuild,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
    VirtualMachinePackage,
    VirtualNetwork,
    Zone,
)


def kind_name(model: type[Any]) -> str:
    """Return the name of a class in arguments and responses, such as ``ip_address`` for `IPAddress`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", model.__name__).lower()


def plural(model: type[Any]) -> str:
    """Return the plural of the name of a class, such as ``ip_addresses``."""
    name = kind_name(model)
    return f"{name}es" if name.endswith("s") else re.sub(r"(?<![aeiou])y$", "ie", name) + "s"


def reference(model: type[Any]) -> str:
    """Return the name of the field that refers to an object of a class, such as ``ip_address_id``."""
    return f"{kind_name(model)}_id"


@attrs.frozen
class Kind:
    """What the store and the rules must know of the objects of one class."""

    prefix: str
    """Prefix of the ids."""
    keys: tuple[str, ...] = ("id",)
    """Fields that a lookup argument can have. Their values are unique."""
    part_of: type[Any] | None = None
    """Class of the object that this one is a part of: it is hidden and removed with it."""
    not_found: str | None = None
    """Error code of a lookup without a result; None for the name of the kind and ``_not_found``."""
    indexes: tuple[str, ...] = ()
    """Other fields and properties by which objects are often selected."""


KINDS: Mapping[type[Any], Kind] = {
    Country: Kind("ctry", keys=("id", "iso_code2", "iso_code3")),
    CountryState: Kind("ctryst"),
    Currency: Kind("cur", keys=("id", "iso_code")),
    DataCenter: Kind("dc", keys=("id", "permalink")),
    Zone: Kind("zone", keys=("id", "permalink")),
    GPUType: Kind("gpu", keys=("id", "permalink")),
    Organization: Kind("org", keys=("id", "sub_domain")),
    Network: Kind("netw", keys=("id", "permalink")),
    VirtualNetwork: Kind("vnet"),
    NetworkSpeedProfile: Kind("nsp", keys=("id", "permalink")),
    VirtualMachinePackage: Kind("vmpkg", keys=("id", "permalink"), not_found="package_not_found"),
    VirtualMachineGroup: Kind("vmgrp"),
    Tag: Kind("tag"),
    SSHKey: Kind("sshkey"),
    SecurityGroup: Kind("sg"),
    SecurityGroupRule: Kind("sgr", part_of=SecurityGroup),
    AddressList: Kind("adlst"),
    AddressListEntry: Kind("adlste", part_of=AddressList),
    DNSZone: Kind("dnszone", keys=("id", "name")),
    DNSRecord: Kind("dnsrec", part_of=DNSZone),
    Certificate: Kind("cert"),
    OperatingSystem: Kind("os"),
    DiskTemplate: Kind("dtpl", keys=("id", "permalink")),
    DiskTemplateVersion: Kind("dtv", part_of=DiskTemplate),
    DiskIOProfile: Kind("diop", keys=("id", "permalink")),
    Disk: Kind("disk", indexes=("virtual_machine_id",)),
    DiskBackupPolicy: Kind("dbp", indexes=("target_id",)),
    VirtualMachine: Kind("vm", keys=("id", "fqdn"), indexes=("organization_id",)),
    VirtualMachineNetworkInterface: Kind("vmnet", part_of=VirtualMachine),
    VirtualMachineBuild: Kind("vmbuild", not_found="build_not_found"),
    ConsoleSession: Kind("cons", part_of=VirtualMachine),
    LoadBalancer: Kind("lb", keys=("id", "api_reference")),
    LoadBalancerRule: Kind("lbrule", part_of=LoadBalancer),
    FileStorageVolume: Kind("fsv"),
    ObjectStorageCluster: Kind("oscluster", keys=("region",)),
    ObjectStorageAccount: Kind("osaccount"),
    ObjectStorageBucket: Kind("bucket", keys=("name",), part_of=ObjectStorageAccount),
    ObjectStorageAccessKey: Kind("objkey", part_of=ObjectStorageAccount),
    User: Kind("user"),
    APIToken: Kind("apitoken", indexes=("value",)),
    IPAddress: Kind(
        "ip", keys=("id", "address"), indexes=("organization_id", "interface_id", "load_balancer_id", "pool")
    ),
    Task: Kind("task", indexes=("object_id",)),
    TrashObject: Kind("trsh", keys=("id", "object_id")),
}
"""All kinds of objects by their class."""
