"""The specification of a virtual machine: its XML, and the arguments that raise a UsageError."""

import copy
import ipaddress
import pickle
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st

from katapult_async import NewDisk, NewNetworkInterface, Permalink, UsageError, VirtualMachineSpec

ROCK, LONDON = Permalink("rock-3"), Permalink("uk-lon-01")

FULL = VirtualMachineSpec(
    package=ROCK,
    zone="zone_1",
    disk_template=Permalink("templates/ubuntu-24-04"),
    disk_template_version=2,
    disk_template_options={"install_agent": "true"},
    user_data="#cloud-config\n",
    disks=[
        NewDisk(size_in_gb=50, name="data", initial_file_system="xfs"),
        NewDisk(size_in_gb=10, system=True, storage_speed="nvme", io_profile=Permalink("unrestricted")),
    ],
    interfaces=[
        NewNetworkInterface(
            network="netw_1",
            speed_profile=Permalink("1gbps"),
            ip_addresses=["ip_1", ipaddress.ip_address("203.0.113.7")],
            new_ip_addresses=["ipv4", "ipv6"],
        ),
        NewNetworkInterface(virtual_network="vnet_1"),
    ],
    hostname="web-1",
    name="Web 1",
    description="R&D <first>",
    group="vmgrp_1",
    ssh_keys=["key_1", "key_2"],
    all_users=True,
    tag_names=["web", "public"],
)


def test_every_element_is_where_katapult_documents_it() -> None:
    expected = """
    <VirtualMachineSpec>
      <Zone>zone_1</Zone>
      <Resources><Package by="permalink">rock-3</Package></Resources>
      <DiskTemplate>
        <DiskTemplate by="permalink">templates/ubuntu-24-04</DiskTemplate>
        <Version by="number">2</Version>
        <Option key="install_agent">true</Option>
      </DiskTemplate>
      <CloudInit><UserData>#cloud-config&#10;</UserData></CloudInit>
      <SystemDisks>
        <Disk>
          <Size>10</Size><Speed>nvme</Speed><IOProfile by="permalink">unrestricted</IOProfile>
        </Disk>
        <Disk><Name>data</Name><Size>50</Size><FileSystemType>xfs</FileSystemType></Disk>
      </SystemDisks>
      <NetworkInterfaces>
        <NetworkInterface>
          <Network>netw_1</Network>
          <SpeedProfile by="permalink">1gbps</SpeedProfile>
          <IPAddressAllocation type="existing"><IPAddress>ip_1</IPAddress></IPAddressAllocation>
          <IPAddressAllocation type="existing"><IPAddress by="address">203.0.113.7</IPAddress></IPAddressAllocation>
          <IPAddressAllocation type="new"><Version>4</Version></IPAddressAllocation>
          <IPAddressAllocation type="new"><Version>6</Version></IPAddressAllocation>
        </NetworkInterface>
        <NetworkInterface><VirtualNetwork>vnet_1</VirtualNetwork></NetworkInterface>
      </NetworkInterfaces>
      <Hostname><Hostname>web-1</Hostname></Hostname>
      <Name>Web 1</Name>
      <Description>R&amp;D &lt;first&gt;</Description>
      <Group>vmgrp_1</Group>
      <AuthorizedKeys>
        <Users all="yes" />
        <SSHKeys><SSHKey>key_1</SSHKey><SSHKey>key_2</SSHKey></SSHKeys>
      </AuthorizedKeys>
      <Tags><Tag>web</Tag><Tag>public</Tag></Tags>
    </VirtualMachineSpec>
    """
    canonical = ElementTree.canonicalize(expected, strip_text=True)
    assert ElementTree.canonicalize(FULL.xml, strip_text=True) == canonical
    assert "#cloud-config\n" in FULL.xml


def test_argument_that_is_omitted_has_no_element() -> None:
    assert VirtualMachineSpec(package="vmpkg_1", data_center=LONDON).xml == (
        '<VirtualMachineSpec><DataCenter by="permalink">uk-lon-01</DataCenter>'
        "<Resources><Package>vmpkg_1</Package></Resources>"
        '<Hostname><Hostname type="random" /></Hostname></VirtualMachineSpec>'
    )


def test_secrets_are_not_in_the_repr() -> None:
    spec = VirtualMachineSpec(
        package=ROCK,
        data_center=LONDON,
        disk_template="dtpl_1",
        disk_template_options={"root_password": "hunter2"},
        user_data="token: hunter2",
    )
    assert "hunter2" in spec.xml
    assert "hunter2" not in repr(spec)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_any_text_is_the_unchanged_text_of_its_element(text: str) -> None:
    spec = VirtualMachineSpec(
        package=ROCK,
        data_center=LONDON,
        name=text,
        disk_template="dtpl_1",
        disk_template_options={text: text},
        tag_names=[text],
    )
    root = ElementTree.fromstring(spec.xml)
    option = root.find("DiskTemplate/Option")
    assert option is not None
    assert [option.get("key"), option.text or "", root.findtext("Name"), root.findtext("Tags/Tag")] == [text] * 4


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"data_center": None}, "give either data_center or zone"),
        ({"zone": "zone_1"}, "give either data_center or zone"),
        ({"package": "rock/3"}, "package must be an id or Permalink"),
        ({"package": None}, "package must be an id or Permalink(...), not None"),
        ({"group": "a group"}, "group must be a string of 1 to 64 letters"),
        ({"ssh_keys": ["a key"]}, "ssh_key must be a string of 1 to 64 letters"),
        ({"tag_names": "web"}, "tag_names must be a list, not 'web'"),
        ({"users": "user_1"}, "users must be a list, not 'user_1'"),
        ({"users": 0}, "users must be a list, not 0"),
        ({"ssh_keys": ""}, "ssh_keys must be a list, not ''"),
        ({"tag_names": None}, "tag_names must be a list, not None"),
        ({"disk_template_options": 0}, "disk_template_options must be a mapping of names to values, not 0"),
        ({"tag_names": [None]}, "an item of tag_names must be a string, not None"),
        ({"users": [None]}, "user must be "),
        ({"all_ssh_keys": "no"}, "all_ssh_keys must be True or False, not 'no'"),
        ({"all_users": 1}, "all_users must be True or False, not 1"),
        ({"disks": [{"size_in_gb": 5}]}, "an item of disks must be NewDisk, not a dict"),
        ({"disks": [NewDisk(size_in_gb=5, system=True)] * 2}, "exactly one disk must be the system disk"),
        ({"disks": [NewDisk(size_in_gb=5)]}, "exactly one disk must be the system disk"),
        ({"disk_template_version": 2}, "disk_template_version and disk_template_options need a disk_template"),
        ({"disk_template_options": {"a": "b"}}, "disk_template_version and disk_template_options need a disk_template"),
        ({"disks": [NewDisk(size_in_gb=5, system="no")]}, "system must be True or False, not 'no'"),  # type: ignore[arg-type] # the mistake
        (
            {"disks": [NewDisk(size_in_gb=5, storage_speed="fast")]},  # type: ignore[arg-type] # the mistake
            "storage_speed must be 'nvme' or 'ssd', not 'fast'",
        ),
        (
            {"disks": [NewDisk(size_in_gb=5, initial_file_system="ntfs")]},  # type: ignore[arg-type] # the mistake
            "initial_file_system must be 'ext4' or 'xfs', not 'ntfs'",
        ),
        ({"disks": iter(())}, "disks must be a list, not a tuple_iterator"),
        ({"interfaces": iter(())}, "interfaces must be a list, not a tuple_iterator"),
        (
            {"interfaces": [NewNetworkInterface(network="netw_1", ip_addresses=iter(("ip_1",)))]},  # type: ignore[arg-type] # the mistake
            "ip_addresses must be a list, not a tuple_iterator",
        ),
        ({"interfaces": ["netw_1"]}, "an item of interfaces must be NewNetworkInterface, not 'netw_1'"),
        (
            {"disk_template": "dtpl_1", "disk_template_options": [1]},
            "disk_template_options must be a mapping of names to values, not a list",
        ),
        (
            {"disk_template": "dtpl_1", "disk_template_options": {"time_zone": None}},
            "time_zone must be a string, not None",
        ),
        (
            {"disk_template": "dtpl_1", "disk_template_options": {"root_password": 1234}},
            "root_password must be a string, not int",
        ),
        ({"name": 5}, "name must be a string, not 5"),
        ({"name": "\x00"}, "name contains a character that XML does not allow"),
        ({"description": "\ud800"}, "'description' contains half a character (a surrogate)"),
        ({"user_data": "\x1b"}, "user_data contains a character that XML does not allow"),
        ({"disks": [NewDisk(size_in_gb=True)]}, "size_in_gb must be a whole number, not True"),
        ({"disk_template": "dtpl_1", "disk_template_version": "2"}, "disk_template_version must be a whole number"),
        (
            {"interfaces": [NewNetworkInterface(network="netw_1", new_ip_addresses=["4"])]},  # type: ignore[list-item] # the mistake
            "new_ip_addresses must be 'ipv4' or 'ipv6', not '4'",
        ),
    ],
)
def test_invalid_argument_raises_usage_error_when_the_specification_is_created(
    arguments: dict[str, Any], error: str
) -> None:
    with pytest.raises(UsageError) as caught:
        VirtualMachineSpec(**{"package": ROCK, "data_center": LONDON, **arguments})
    assert str(caught.value).startswith(error)


@pytest.mark.parametrize("networks", [{}, {"network": "netw_1", "virtual_network": "vnet_1"}])
def test_new_interface_needs_exactly_one_network(networks: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^give either network or virtual_network"):
        NewNetworkInterface(**networks)


@pytest.mark.parametrize("spec", [VirtualMachineSpec(package=ROCK, data_center=LONDON), FULL])
def test_specification_can_be_copied_and_pickled(spec: VirtualMachineSpec) -> None:
    assert copy.deepcopy(spec) == pickle.loads(pickle.dumps(spec)) == spec
