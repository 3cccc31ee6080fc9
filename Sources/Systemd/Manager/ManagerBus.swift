import CSystemd
import Glibc
import Kernel

/// A D-Bus connection to a service manager, on which no call takes longer than the time that is
/// left.
@safe struct ManagerBus: ~Copyable {
    /// An interface of systemd's objects (org.freedesktop.systemd1(5)).
    enum Interface: String {
        case manager = "org.freedesktop.systemd1.Manager"
        case unit = "org.freedesktop.systemd1.Unit"
        case service = "org.freedesktop.systemd1.Service"
        case job = "org.freedesktop.systemd1.Job"
    }

    /// The manager's own object.
    static let root = "/org/freedesktop/systemd1"
    private static let destination = "org.freedesktop.systemd1"

    private let bus: OpaquePointer
    private let deadline: Duration

    /// Connects; nil when that is not possible in time.
    init?(to manager: ManagerKind, within limit: Duration) {
        let deadline = MonotonicClock.now() + limit
        let found =
            unsafe Self.privateBus(of: manager, deadline)
            ?? Self.publicBus(of: manager, deadline)
        guard let bus = unsafe found else { return nil }
        unsafe self.bus = bus
        self.deadline = deadline
    }

    deinit { unsafe sd_bus_close_unref(bus) }

    /// The object of the unit that a process is in.
    borrowing func unitPath(ofProcess process: Int32) -> String? {
        var message: OpaquePointer?
        var number = UInt32(bitPattern: process)
        guard
            unsafe sd_bus_message_new_method_call(
                bus, &message, Self.destination, Self.root, Interface.manager.rawValue,
                "GetUnitByPID") >= 0
        else { return nil }
        defer { unsafe sd_bus_message_unref(message) }
        guard unsafe sd_bus_message_append_basic(message, CChar(UInt8(ascii: "u")), &number) >= 0
        else { return nil }
        var reply: OpaquePointer?
        guard unsafe sd_bus_call(bus, message, microsecondsLeft, nil, &reply) >= 0 else {
            return nil
        }
        defer { unsafe sd_bus_message_unref(reply) }
        return unsafe Self.readText("o", from: reply)
    }

    /// What the manager has decided to do with a unit.
    borrowing func job(of unit: String) -> UnitJob {
        var reply: OpaquePointer?
        guard
            unsafe sd_bus_get_property(
                bus, Self.destination, unit, Interface.unit.rawValue, "Job", nil, &reply, "(uo)")
                >= 0
        else { return .none }
        defer { unsafe sd_bus_message_unref(reply) }
        var number: UInt32 = 0
        guard
            unsafe sd_bus_message_enter_container(reply, CChar(UInt8(ascii: "r")), "uo") > 0,
            unsafe sd_bus_message_read_basic(reply, CChar(UInt8(ascii: "u")), &number) > 0,
            number != 0, let path = unsafe Self.readText("o", from: reply),
            let type = text("JobType", of: path, in: .job)
        else { return .none }
        return UnitJob(type: type)
    }

    /// A property that is text.
    borrowing func text(_ name: String, of path: String, in interface: Interface) -> String? {
        limitCalls()
        var found: UnsafeMutablePointer<CChar>?
        guard
            unsafe sd_bus_get_property_string(
                bus, Self.destination, path, interface.rawValue, name, nil, &found) >= 0,
            let found = unsafe found
        else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// A property that is a number of 32 bits.
    borrowing func number(_ name: String, of path: String, in interface: Interface) -> Int? {
        value(name, "u", of: path, in: interface, initial: UInt32(0)).map { Int($0) }
    }

    /// A property that is a time; nil where it is infinite.
    borrowing func time(_ name: String, of path: String, in interface: Interface) -> Duration? {
        value(name, "t", of: path, in: interface, initial: UInt64(0)).flatMap { microseconds in
            microseconds == .max ? nil : .microseconds(Int64(clamping: microseconds))
        }
    }

    private borrowing func value<Value: BitwiseCopyable>(
        _ name: String, _ type: String, of path: String, in interface: Interface, initial: Value
    ) -> Value? {
        limitCalls()
        var found = initial
        let letter = CChar(type.utf8.first ?? 0)
        guard
            unsafe sd_bus_get_property_trivial(
                bus, Self.destination, path, interface.rawValue, name, nil, letter, &found) >= 0
        else { return nil }
        return found
    }

    private static func readText(_ type: String, from message: OpaquePointer?) -> String? {
        var text: UnsafePointer<CChar>?
        let letter = CChar(type.utf8.first ?? 0)
        guard unsafe sd_bus_message_read_basic(message, letter, &text) > 0, let text = unsafe text
        else { return nil }
        return unsafe String(cString: text)
    }

    private var microsecondsLeft: UInt64 { Self.microseconds(until: deadline) }

    /// What has no time limit of its own gets what is left.
    private borrowing func limitCalls() {
        unsafe sd_bus_set_method_call_timeout(bus, microsecondsLeft)
    }

    /// Never none: zero would mean the default of 25 s.
    private static func microseconds(until deadline: Duration) -> UInt64 {
        let left = deadline - MonotonicClock.now()
        return UInt64(max(1, left / .microseconds(1)))
    }
}

/// The ways to a manager.
extension ManagerBus {
    /// The manager's own socket, for root and for the user himself: it needs no bus to run.
    private static func privateBus(
        of manager: ManagerKind, _ deadline: Duration
    ) -> OpaquePointer? {
        let folder: String
        switch manager {
        case .system: folder = "/run"
        case .user:
            guard let own = Environment.value(of: "XDG_RUNTIME_DIR") else { return nil }
            folder = own
        }
        var bus: OpaquePointer?
        guard unsafe sd_bus_new(&bus) >= 0 else { return nil }
        let address = "unix:path=\(folder)/systemd/private"
        guard unsafe sd_bus_set_address(bus, address) >= 0, unsafe sd_bus_start(bus) >= 0 else {
            unsafe sd_bus_unref(bus)
            return nil
        }
        return unsafe ready(bus, deadline)
    }

    /// The system's or the user's bus.
    private static func publicBus(of manager: ManagerKind, _ deadline: Duration) -> OpaquePointer? {
        var bus: OpaquePointer?
        let result =
            switch manager {
            case .system: unsafe sd_bus_open_system(&bus)
            case .user: unsafe sd_bus_open_user(&bus)
            }
        return result >= 0 ? unsafe ready(bus, deadline) : nil
    }

    /// Waits until the other end has let us in.
    private static func ready(_ bus: OpaquePointer?, _ deadline: Duration) -> OpaquePointer? {
        while MonotonicClock.now() < deadline {
            if unsafe sd_bus_is_ready(bus) > 0 { return unsafe bus }
            let done = unsafe sd_bus_process(bus, nil)
            if done < 0 { break }
            if done > 0 { continue }
            let waited = unsafe sd_bus_wait(bus, microseconds(until: deadline))
            if waited < 0, waited != -EINTR { break }
        }
        unsafe sd_bus_close_unref(bus)
        return nil
    }
}
