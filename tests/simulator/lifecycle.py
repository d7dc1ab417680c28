"""The server process as its clients see it: it stops, comes back, restarts, dies, is replaced by a newer version."""
import asyncio

from . import worlds
from .bands import GENERATIONS
from .upgrade import downgrade, leads_back, upgrade

DEAD_FOR = 0.2
BACK_AFTER = 1


class Life:
    def __init__(self, service, calls, devices, front):
        self.service, self.calls, self.devices, self.front = service, calls, devices, front
        self._busy = asyncio.Lock()

    async def stop(self):
        """the listeners go, nothing is lost"""
        async with self._busy:
            await self.front.stop()

    async def start(self):
        async with self._busy:
            if not self.front.open:
                await self.front.start()

    async def restart(self, down, back):
        """the process ends and starts again: pending links are lost, devices come back a moment later"""
        await self._replace(self.service.world.read_database, down, back)

    async def upgrade(self, to, down, back):
        """it ends as one version and starts as a later one, on the same database and addresses"""
        if to not in GENERATIONS:
            raise ValueError("there is no generation %s" % to)
        if GENERATIONS[to] <= self.service.band:
            raise ValueError("an upgrade leads to a later version")
        await self._replace(lambda: upgrade(self.service.world, GENERATIONS[to]), down, back)

    async def downgrade(self, to, down, back):
        """the version before is put back on the same database, where that is possible"""
        if to not in GENERATIONS:
            raise ValueError("there is no generation %s" % to)
        if not leads_back(self.service.world, GENERATIONS[to]):
            raise ValueError("the database does not fit an earlier version")
        await self._replace(lambda: downgrade(self.service.world, GENERATIONS[to]), down, back)

    async def reset(self, world_name, generation=None):
        """as if just started, at the same addresses and with the same API key; maybe as another generation"""
        async with self._busy:
            world = self.service.world
            band = GENERATIONS[generation] if generation else world.band
            fresh = worlds.make(world_name, band, [next(iter(world.apikeys.values())).full])
            again = not self.front.open or band != world.band
            if again:
                await self.front.stop()
            self.devices.forget()
            fresh.on_registered, fresh.on_verdict = world.on_registered, world.on_verdict
            world.__dict__.update(fresh.__dict__)
            self.service.renew()
            self.calls.begin()
            if again:
                await self.front.start()

    def crash(self):
        """the process dies, and whoever watches it starts it again"""
        asyncio.ensure_future(self.restart(DEAD_FOR, BACK_AFTER))

    async def _replace(self, change, down, back):
        async with self._busy:
            await self.front.stop()
            lost, online = self.devices.server_ends()
            change()
            self.service.renew()
            await asyncio.sleep(down)
            await self.front.start()
            self.devices.server_is_back(lost, online, back)
