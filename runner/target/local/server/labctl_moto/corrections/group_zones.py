"""The zones of an Auto Scaling group.

AWS launches in the enabled zone with the fewest members, lets go from the zone with the most, and moves
members when a zone has more than one more than another or is the group's no more. It launches before it terminates:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-availability-zone-balanced.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
moto 5.2.1 launches everybody in the first subnet, lets go whoever is first, and moves nobody.
"""

from collections import Counter

from labctl_moto import members
from labctl_moto.patch import replace
from moto.autoscaling.models import FakeAutoScalingGroup


def places(group) -> list[tuple[str, str | None]]:
    """Zone and subnet of each place where the group may launch."""
    if not members.subnets(group):
        return [(zone, None) for zone in group.availability_zones]
    found = [group.ec2_backend.get_subnet(s) for s in members.subnets(group)]
    return [(subnet.availability_zone, subnet.id) for subnet in found]


def by_zone(group) -> Counter:
    return Counter(members.zone(m) for m in group.active_instances())


def emptiest(group) -> tuple[str, str | None]:
    zones, subnets = by_zone(group), Counter(m.instance.subnet_id for m in group.active_instances())
    return min(places(group), key=lambda place: (zones[place[0]], subnets[place[1]]))


def misplaced(group):
    """A member that has to move, or None."""
    allowed, counts = places(group), by_zone(group)
    zones, subnets = {zone for zone, _ in allowed}, {subnet for _, subnet in allowed}
    active = group.active_instances()
    for m in active:
        if members.zone(m) not in zones or (members.subnets(group) and m.instance.subnet_id not in subnets):
            return m
    fullest = max(zones, key=lambda zone: (counts[zone], zone))
    if counts[fullest] - min(counts[zone] for zone in zones) < 2:
        return None
    return next(m for m in active if members.zone(m) == fullest)


def balance(group) -> None:
    while may_move(group) and (moving := misplaced(group)):
        reason = f"At {members.now()} an instance was launched to aid in balancing the group's zones."
        if not members.launch(group, reason):
            return
        reason = f"At {members.now()} an instance was taken out of service in response to an availability zone rebalance."
        members.leave(group, [moving], reason)


def may_move(group) -> bool:
    return all(members.may(group, process) for process in ("AZRebalance", "Launch", "Terminate"))


def apply() -> None:
    @replace(members, "request")
    def request(original, group):
        zone, subnet = emptiest(group)
        return {**original(group), "placement": zone, "subnet_id": subnet}

    @replace(members, "surplus")
    def surplus(_original, group, count):
        left = [m for m in group.active_instances() if not m.protected_from_scale_in]
        counts, chosen = by_zone(group), []
        while left and len(chosen) < count:
            first = max(left, key=lambda m: counts[members.zone(m)])
            left.remove(first)
            chosen.append(first)
            counts[members.zone(first)] -= 1
        return chosen

    @replace(FakeAutoScalingGroup, "update")
    def update(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        balance(self)
