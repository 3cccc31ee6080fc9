internal import CRelevoClient

/// How this process was started, by its environment.
struct StartEnvironment {
    /// The channel, if there is one.
    var channel: Route?
    /// How many descriptors were passed from 3 on (sd_listen_fds(3)).
    var inherited = 0
    /// Their names, with colons between.
    var names: [UInt8] = []
    /// Where sd_notify(3) speaks to; ended by NUL.
    var notifySocket: [UInt8]?

    /// A way to the supervisor.
    enum Route {
        /// The supervisor's own child has it open.
        case descriptor(Int32)
        /// A path to connect to, ended by NUL.
        case path([UInt8])
    }

    /// The first of the inherited descriptors (SD_LISTEN_FDS_START).
    static let first: Int32 = 3

    static func look() -> StartEnvironment {
        var found = StartEnvironment()
        if let number = variable("RELEVO_CHANNEL")?.number, number <= 1 << 20,
            relevo_sys_is_packet_socket(Int32(number)) == 1
        {
            found.channel = .descriptor(Int32(number))
        } else if let path = variable("RELEVO_SOCKET"), !path.isEmpty {
            found.channel = .path(path + [0])
        }
        // A child of the process that these were meant for has the same variables.
        if variable("LISTEN_PID")?.number == UInt64(relevo_sys_process()),
            let count = variable("LISTEN_FDS")?.number, count <= 1 << 16
        {
            found.inherited = Int(count)
            found.names = variable("LISTEN_FDNAMES") ?? []
        }
        if let path = variable("NOTIFY_SOCKET"), !path.isEmpty { found.notifySocket = path + [0] }
        return found
    }

    /// Its channel is this process's alone: a child must not find it.
    func forgetChannel() {
        if case .descriptor = channel {
            let name: StaticString = "RELEVO_CHANNEL"
            unsafe name.withUTF8Text { unsafe relevo_sys_remove_variable($0) }
        }
    }

    @inline(never)
    private static func variable(_ name: StaticString) -> [UInt8]? {
        unsafe name.withUTF8Text { name -> [UInt8]? in
            guard let text = unsafe relevo_sys_variable(name) else { return nil }
            var bytes: [UInt8] = []
            var index = 0
            while unsafe text[index] != 0 {
                unsafe bytes.append(UInt8(bitPattern: text[index]))
                index += 1
            }
            return bytes
        }
    }
}

extension StaticString {
    /// The text for C; a static string's bytes are ended by NUL.
    func withUTF8Text<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe utf8Start.withMemoryRebound(to: CChar.self, capacity: utf8CodeUnitCount + 1) {
            unsafe body($0)
        }
    }
}
