#!/usr/bin/env bash
# The deployment of deployment.py as commands: a virtual machine with an address, a disk and a firewall, behind a load
# balancer, with a name in DNS.
#
# After a step has succeeded, the command that undoes it is registered. When the script ends, even with an error, these
# commands run in reverse order; rules are deleted with their security group or load balancer. A step that fails can
# leave its own object, such as a machine whose build takes too long. With the bundled sandbox:
#
#     katapult-async sandbox > sandbox.env &
#     until [ -s sandbox.env ]; do sleep 0.1; done; . ./sandbox.env
#     bash examples/deployment.sh
set -euo pipefail

export KATAPULT_ORGANIZATION=larch
london=gb-london-1
undo=()

undo_steps() {
    failures=0
    for ((step = ${#undo[@]} - 1; step >= 0; step--)); do
        # shellcheck disable=SC2086 # the words of a command
        katapult-async ${undo[step]} --quiet > /dev/null || {
            echo "not undone: ${undo[step]}" >&2
            ((failures += 1))
        }
    done
    ((failures == 0)) || exit 1
    echo "all steps are undone"
}
trap undo_steps EXIT

machine=$(katapult-async vms build --data-center $london --package small --disk-template templates/ubuntu-24-04 \
    --networks $london/public-0 --hostname web-1 --all-ssh-keys -o tsv --fields id)
undo+=("vms purge $machine --yes --wait" "vms stop $machine --wait")

address=$(katapult-async nics allocate web-1 --address-version ipv6 -o tsv --fields address)
undo+=("ips unallocate $address --yes")

disk=$(katapult-async disks create --name data --size-in-gb 20 --data-center $london --initial-file-system ext4 \
    --virtual-machine web-1 --attach --wait -o tsv --fields disk.id)
undo+=("disks purge $disk --yes --wait" "disks detach $disk --yes --wait")

firewall=$(katapult-async security-groups create --name web --allow-all-outbound --associations "$machine" \
    -o tsv --fields id)
undo+=("security-groups delete $firewall --yes")
katapult-async security-group-rules create --security-group "$firewall" --direction inbound --protocol TCP \
    --ports 22,8080 --targets all:ipv4 > /dev/null

balancer=$(katapult-async lbs create --name front --data-center $london --resource-type virtual_machines \
    --resource-ids "$machine" -o tsv --fields id)
undo+=("lbs delete $balancer --yes")
katapult-async lb-rules create --load-balancer "$balancer" --algorithm round_robin --protocol HTTP --listen-port 80 \
    --destination-port 8080 > /dev/null

front=$(katapult-async lbs get "$balancer" -o tsv --fields ip_address.address)
record=$(katapult-async dns-records create --dns-zone larch.example --name www --type A --content "$front" \
    -o tsv --fields id)
undo+=("dns-records delete $record --yes")

state=$(katapult-async vms get web-1 -o tsv --fields state)
echo "www.larch.example is $front, which sends HTTP to web-1.larch.example ($state)"
