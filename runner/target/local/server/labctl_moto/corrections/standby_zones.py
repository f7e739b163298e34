"""The zone of a standby.

On AWS a Multi-AZ database says in which other zone of its subnet group the standby is:
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html
moto 5.2.1 does not say, and puts the database into the first zone of the region whatever its subnets.
"""

from labctl_moto.patch import replace
from moto.rds.models import DBInstance


def zones(database) -> list[str]:
    group = getattr(database, "db_subnet_group", None)
    return sorted({subnet.availability_zone for subnet in group._subnets}) if group else []


def standby(database) -> str | None:
    others = [zone for zone in zones(database) or [f"{database.region}a", f"{database.region}b"]]
    return next((zone for zone in others if zone != database.availability_zone), None) if database.multi_az else None


def apply() -> None:
    DBInstance.secondary_availability_zone = property(standby)

    @replace(DBInstance, "__init__")
    def init(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        if not kwargs.get("availability_zone") and (allowed := zones(self)) and self.availability_zone not in allowed:
            self.availability_zone = allowed[0]
