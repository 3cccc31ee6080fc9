"""librelevo for Python: the calls of relevo.h that a server needs, through ctypes."""
import ctypes, os

_library = ctypes.CDLL("librelevo.so.1")


class Event(ctypes.Structure):
    """struct relevo_event."""

    DRAIN, RESUME, STOP, LINK, REFUSED, ENDED = range(1, 7)
    _fields_ = [
        ("kind", ctypes.c_int32), ("descriptor", ctypes.c_int32),
        ("deadline", ctypes.c_uint64), ("generation", ctypes.c_uint64),
        ("worker", ctypes.c_uint64), ("asked", ctypes.c_int32), ("code", ctypes.c_int32),
        ("text", ctypes.c_char * 520),
    ]


def _check(result):
    if result < 0:
        raise OSError(-result, os.strerror(-result))
    return result


def _declare(name, result, *arguments):
    function = getattr(_library, name)
    function.restype, function.argtypes = result, arguments
    return function


_int, _pointer, _text = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
_open = _declare("relevo_open", _int, _pointer, ctypes.POINTER(_pointer))
_close = _declare("relevo_close", None, _pointer)
_generation = _declare("relevo_generation", ctypes.c_uint64, _pointer)
_index = _declare("relevo_index", ctypes.c_uint64, _pointer)
_socket = _declare("relevo_socket", _int, _pointer, _text, _text)
_ready = _declare("relevo_ready", _int, _pointer)
_sessions = _declare("relevo_sessions", _int, _pointer, ctypes.c_uint64)
_drained = _declare("relevo_drained", _int, _pointer)
_make_id = _declare("relevo_make_id", _int, _pointer, _int, ctypes.c_uint, _text)
_event_descriptor = _declare("relevo_event_descriptor", _int, _pointer)
_next_event = _declare("relevo_next_event", _int, _pointer, ctypes.POINTER(Event))


class Worker:
    """This process as a worker of a Relevo service; once a process, before other threads start."""

    def __init__(self):
        self._worker = _pointer()
        _check(_open(None, ctypes.byref(self._worker)))
        self.generation = _generation(self._worker)
        self.index = _index(self._worker)
        self.event_descriptor = _check(_event_descriptor(self._worker))

    def socket(self, name, address):
        """The descriptor of a listener's socket; the caller owns it."""
        return _check(_socket(self._worker, name.encode(), address.encode()))

    def make_id(self, number, configuration=0):
        """A new QUIC connection id that leads to this worker, by the descriptor of its socket."""
        room = ctypes.create_string_buffer(20)
        count = _check(_make_id(self._worker, number, configuration, room))
        return room.raw[:count]

    def ready(self):
        _check(_ready(self._worker))

    def sessions(self, count):
        _check(_sessions(self._worker, count))

    def drained(self):
        _check(_drained(self._worker))

    def events(self):
        """What the supervisor has said; call it when `event_descriptor` is readable."""
        while True:
            event = Event()
            if _check(_next_event(self._worker, ctypes.byref(event))) == 0:
                return
            yield event

    def close(self):
        _close(self._worker)
