"""One server, replaced under load, both ways."""

import asyncio
import time
from contextlib import AsyncExitStack

from kit.keepers import Keeper, Trouble
from kit.server import Server
from kit.sessions import LIMIT
from kit.tally import Tally


async def measure(server: Server, keeper: Keeper, times: int) -> Tally:
    """Replaces the server so often under load and returns what its clients saw."""
    tally = Tally()
    stop = asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(without_connection_errors)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(keeper.kill)
        await server.helpers(stack)
        await keeper.start()
        load = asyncio.create_task(server.load(tally, stop))
        stack.callback(load.cancel)
        await let_run(load, 2)
        if not (tally.failed == 0 and tally.broken == 0):
            raise Trouble(f"before anything was replaced: {tally}\n{keeper.tail()}")
        for _ in range(times):
            if server.costs:
                tally.costly_until = float("inf")
            replacing = asyncio.create_task(keeper.replace())
            await asyncio.wait([replacing, load], return_when=asyncio.FIRST_COMPLETED)
            await replacing
            if server.costs:
                # A client knows that nothing came only when its time is over; a session, after two.
                tally.costly_until = time.monotonic() + server.costs_seconds + 2 * LIMIT
            await let_run(load, server.gap)
            keeper.check_alive()
        stop.set()
        async with asyncio.timeout(60):
            await load
        await keeper.check(times)
        if fault := server.check(times):
            raise Trouble(f"{fault}\n{tally}\n{keeper.tail()}")
        await keeper.stop()
    return tally


def without_connection_errors(loop: asyncio.AbstractEventLoop, context: dict) -> None:
    """A library's connection that failed without anybody waiting for it is counted where it is."""
    if not isinstance(context.get("exception"), ConnectionError):
        loop.default_exception_handler(context)


async def let_run(load: asyncio.Task, seconds: float) -> None:
    """Lets the load go on; one that ends early ends the run."""
    done, _ = await asyncio.wait([load], timeout=seconds)
    if done:
        await load
        raise Trouble("the load ended by itself")
