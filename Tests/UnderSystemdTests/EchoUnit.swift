import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// Services that a real systemd runs; one machine at a time.
@Suite(.serialized, .needsSystemd) enum UnderSystemd {}

/// The echo server as a unit of a machine of its own.
final class EchoUnit {
    static let name = "echo.service"
    let machine: SystemdMachine

    /// Boots a machine and starts the unit in it.
    ///
    /// - Parameters:
    ///   - options: of `relevo run`, besides the listener.
    ///   - server: the command and its arguments.
    ///   - extra: lines for the section [Service].
    ///   - listening: its options for listeners, none where a socket unit has them.
    ///   - others: more unit files.
    init(
        _ options: String = "", server: String = "/usr/bin/relevo-load serve", extra: String = "",
        listening: String = "--listen udp://127.0.0.1:4433", others: [String: String] = [:]
    ) throws {
        var units = others
        // A toolchain's backtraces take half a minute; installed programs have none.
        units[Self.name] = Self.text(
            "\(listening) --idle-timeout 1s \(options) -- \(server)",
            extra: """
                NotifyAccess=main
                StateDirectory=relevo/echo
                Environment=SWIFT_BACKTRACE=enable=no
                \(extra)
                """)
        machine = try SystemdMachine(units: units)
    }

    /// The unit, of the system or of a user.
    ///
    /// - Parameters:
    ///   - arguments: of `relevo run`.
    ///   - extra: lines for the section [Service].
    static func text(_ arguments: String, extra: String = "") -> String {
        """
        [Unit]
        StartLimitIntervalSec=0
        [Service]
        Type=notify
        ExecStart=/usr/bin/relevo run --name echo --linger 20ms \(arguments)
        ExecReload=/usr/bin/relevo upgrade
        Restart=always
        RestartSec=100ms
        KillMode=process
        FileDescriptorStoreMax=2048
        RuntimeDirectory=relevo/echo
        RuntimeDirectoryPreserve=restart
        \(extra)
        """
    }

    /// Starts the unit; it is ready when this returns.
    static func started(
        _ options: String = "", server: String = "/usr/bin/relevo-load serve", extra: String = ""
    ) throws -> EchoUnit {
        let unit = try EchoUnit(options, server: server, extra: extra)
        let start = try unit.machine.systemctl("start", Self.name)
        try #require(start.exit == .code(0), "\(start.errors)")
        return unit
    }

    @discardableResult
    func systemctl(_ verb: String) throws -> Finished { try machine.systemctl(verb, Self.name) }

    func property(_ name: String) throws -> String {
        try machine.property(name, of: Self.name)
    }

    /// Where the service stands, by its own word.
    func status() throws -> ServiceStatus {
        let answer = try machine.run("relevo", "status", "--json", "echo")
        return try JSONDecoder().decode(ServiceStatus.self, from: Data(answer.text.utf8))
    }

    /// Waits until the service stands so; it may be away for a while.
    func eventually(_ condition: (ServiceStatus) -> Bool) throws -> Bool {
        try TestKit.eventually { (try? status()).map(condition) ?? false }
    }

    /// The processes of the workers of the current generation.
    func workers() throws -> [Int] {
        let status = try status()
        return status.generations.first { $0.id == status.current }?.workers.compactMap(\.pid) ?? []
    }

    /// Every process of the unit's control group.
    func processes() throws -> [Int] {
        try machine.shell("cat /sys/fs/cgroup/system.slice/\(Self.name)/cgroup.procs || true")
            .output.compactMap { Int($0) }
    }

    func says(_ text: String) throws -> Bool { try machine.says(text, unit: Self.name) }

    /// All that the journal has of it, for messages.
    var journal: String {
        let entries = try? machine.journal(of: Self.name)
        return entries?.compactMap { $0["MESSAGE"] }.joined(separator: "\n") ?? "no journal"
    }
}
