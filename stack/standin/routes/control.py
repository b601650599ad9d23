"""The stand-in's own routes: faults, unknown routes, the request log."""

from starlette.responses import JSONResponse, Response

from ..answers import Call


def _add_fault(call: Call) -> Response:
    return JSONResponse(call.faults.add(call.json()).model_dump(), 201)


def _list_faults(call: Call) -> Response:
    return JSONResponse([fault.model_dump() for fault in call.faults])


def _clear_faults(call: Call) -> Response:
    call.faults.clear()
    return Response(status_code=204)


def _list_unknown_routes(call: Call) -> Response:
    return JSONResponse(call.store.unknown_routes())


def _clear_unknown_routes(call: Call) -> Response:
    call.store.clear_unknown_routes()
    return Response(status_code=204)


def _list_requests(call: Call) -> Response:
    return JSONResponse(list(call.requests))


def _clear_requests(call: Call) -> Response:
    call.requests.clear()
    return Response(status_code=204)


def _show_options(call: Call) -> Response:
    return JSONResponse(call.options.model_dump())


def _change_options(call: Call) -> Response:
    call.options.change(call.json())
    return _show_options(call)


def _reset_options(call: Call) -> Response:
    call.options.reset()
    call.graphs.clear()
    return Response(status_code=204)


ROUTES = [
    ("GET", "/standin/options", _show_options),
    ("PUT", "/standin/options", _change_options),
    ("DELETE", "/standin/options", _reset_options),
    ("GET", "/standin/faults", _list_faults),
    ("POST", "/standin/faults", _add_fault),
    ("DELETE", "/standin/faults", _clear_faults),
    ("GET", "/standin/unknown-routes", _list_unknown_routes),
    ("DELETE", "/standin/unknown-routes", _clear_unknown_routes),
    ("GET", "/standin/requests", _list_requests),
    ("DELETE", "/standin/requests", _clear_requests),
]
