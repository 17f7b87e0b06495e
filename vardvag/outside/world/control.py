"""The JSON control for tests in other processes: `POST /__control` {"system", "do", ...}, `GET /__journal`.

bankid:     approve | refuse {personal_number, qr | token | (the newest waiting), hint, code}, script
            {personal_number, steps}, errors {errors: [[status, code]]}, waiting
siths, eid: told {acr, lists, ...: fields of Told}, rotate
population: change {personal_number, fields}, end_custody {child, guardian}, fault {code}
sms, mail:  plan {answers}
any:        state {state: ok | slow | down | fail}, faults {faults: [kind]}
"""

from datetime import date
from typing import Any

from vardvag.core import personal_number as pn
from vardvag.outside.bankid.orders import PhoneSays
from vardvag.outside.local_server import Reply, Request, json_reply
from vardvag.outside.oidc.standin import Told
from vardvag.outside.world.world import World

Command = dict[str, Any]


def control(world: World, request: Request) -> Reply:
    """400 with the reason when the command cannot be understood, 409 when the phone said no."""
    if request.method != "POST":
        return json_reply({"error": "POST only"}, 405)
    if request.headers.get("content-type") != "application/json":  # a strange page's form cannot send this
        return json_reply({"error": "Content-Type must be application/json"}, 415)
    try:
        command = request.json()
        return json_reply(_do(world, command) or {})
    except PhoneSays as message:
        return json_reply({"error": str(message)}, 409)
    except (KeyError, ValueError, TypeError, AttributeError, pn.NotAPersonalNumber) as error:
        return json_reply({"error": f"{type(error).__name__}: {error}"}, 400)


def journal(world: World, query: dict[str, str]) -> list[dict[str, Any]]:
    """Oldest first. `system` and `after` (a number) narrow it."""
    after = int(query["after"]) if query.get("after", "").isdecimal() else 0
    entries = world.journal.entries(query.get("system") or None, after=after)
    return [
        {"number": e.number, "at": e.at, "system": e.system, "what": e.what, "data": e.data} for e in entries
    ]


def _do(world: World, command: Command) -> Command | None:
    system, do = command["system"], command["do"]
    if do == "state":
        world.set_state(system, command["state"])
        return None
    if do == "faults":
        getattr(world, system).faults.plan(*command["faults"])
        return None
    if do == "plan" and system in ("sms", "mail"):
        getattr(world, system).plan(*command["answers"])
        return None
    known = {"bankid": _bankid, "siths": _provider, "eid": _provider, "population": _population}
    return known[system](world, do, command)


def _bankid(world: World, do: str, command: Command) -> Command | None:
    orders = world.bankid.orders
    if do == "waiting":
        return {"waiting": [{"ref": o.ref, "kind": o.kind, "text": o.text} for o in orders.waiting()]}
    if do == "script":
        orders.script(command["personal_number"], *command["steps"])
        return None
    if do == "errors":
        world.bankid.errors[:] = [(int(status), str(code)) for status, code in command["errors"]]
        return None
    if do not in ("approve", "refuse"):
        raise ValueError(f"bankid cannot {do}")
    if "qr" in command:
        order = orders.scan(command["qr"])
    elif "token" in command:
        order = orders.open_by_token(command["token"])
    else:
        waiting = orders.waiting()
        if not waiting:
            raise PhoneSays("Inget väntar på BankID.")
        order = orders.open(waiting[0].ref)
    orders.take(order.ref, pn.normalise(command["personal_number"]))
    if do == "approve":
        orders.approve(order.ref, command.get("code", "123456"))
    else:
        orders.refuse(order.ref, command.get("hint", "userCancel"))
    return {"return_url": order.return_url}


def _provider(world: World, do: str, command: Command) -> None:
    provider = world.eid if command["system"] == "eid" else world.siths
    if do == "rotate":
        provider.rotate()
    elif do == "told":
        fields = {name: value for name, value in command.items() if name not in ("system", "do", "edit")}
        if "acr" in fields:
            fields.setdefault("claims", {})["acr"] = fields.pop("acr")
        provider.told = Told(**fields)
    else:
        raise ValueError(f"{command['system']} cannot {do}")


def _population(world: World, do: str, command: Command) -> Command | None:
    register = world.population
    if do == "change":
        return register.change(command["personal_number"], **command["fields"])
    if do == "end_custody":
        day = date.fromisoformat(command["on"]) if "on" in command else pn.today_in_sweden()
        return register.end_custody(command["child"], pn.normalise(command["guardian"]), day)
    if do == "fault":
        register.fault = str(command["code"])
        return None
    raise ValueError(f"population cannot {do}")
