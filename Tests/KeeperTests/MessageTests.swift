import Kernel
import Testing

@testable import Keeper

@Suite struct MessageTests {
    private static let requests: [KeeperRequest] = [
        .stopRule(StopRule(signal: 3, timeout: .milliseconds(1500))), .keep("state"),
        .forget("listener.1.flows"), .list, .spawn("worker.1.0"), .more, .release("worker.12.3"),
        .lifeLine, .end,
    ]

    private static let reports: [KeeperReport] = [
        .welcome(pid: 77), .refused("no"), .listed, .spawned("worker.1.0", pid: 4_000_000),
        .contents([
            .descriptor("state"), .running("worker.1.0", pid: 9),
            .ended("worker.1.1", pid: 10, .signal(11, dumpedCore: true)),
        ]),
        .failed("worker.1.0", reason: "execute /nowhere: no such file or directory"),
        .exited("worker.1.0", .code(3)), .exited("worker.1.0", .signal(9, dumpedCore: false)),
        .lifeLineLost, .complaint("what?"),
    ]

    @Test(arguments: requests) func aRequestArrivesAsItWasSent(_ request: KeeperRequest) throws {
        #expect(try KeeperRequest(parsing: request.bytes) == request)
    }

    @Test(arguments: reports) func aReportArrivesAsItWasSent(_ report: KeeperReport) throws {
        #expect(try KeeperReport(parsing: report.bytes) == report)
    }

    @Test func aPlanArrivesAsItWasSent() throws {
        var plan = SpawnPlan(
            executable: "/bin/ä", arguments: ["a", "", "b\nc"], environment: ["A=b"])
        plan.givesOwnPID = true
        plan.forbidsNewPrivileges = true
        plan.workingFolder = "/tmp"
        plan.creationMask = 0o027
        plan.identity = ProcessIdentity(uid: 65_534, gid: 7, groups: [1, 2])
        plan.session = .newSession
        plan.deathSignal = 9
        plan.privateFolders = ["/run/a", "/run/b"]
        let carried = CarriedPlan(plan, targets: [1, 2, 3, 900])
        let arrived = try CarriedPlan(parsing: carried.bytes)
        #expect("\(arrived)" == "\(carried)")
        let bare = CarriedPlan(
            SpawnPlan(executable: "/bin/true", arguments: [], environment: []), targets: [])
        #expect("\(try CarriedPlan(parsing: bare.bytes))" == "\(bare)")
    }

    @Test func everyCutAndEveryChangedByteIsAnErrorAtWorst() {
        let plan = CarriedPlan(
            SpawnPlan(executable: "/bin/true", arguments: ["a", "b"], environment: ["C=d"]),
            targets: [1, 2])
        harm(Self.requests.map(\.bytes)) { try KeeperRequest(parsing: $0) }
        harm(Self.reports.map(\.bytes)) { try KeeperReport(parsing: $0) }
        harm([plan.bytes]) { try CarriedPlan(parsing: $0) }
    }

    private func harm<Message>(_ messages: [[UInt8]], _ parse: ([UInt8]) throws -> Message) {
        for bytes in messages {
            for count in 0..<bytes.count {
                #expect(throws: PacketError.self) { try parse(Array(bytes.prefix(count))) }
            }
            for index in bytes.indices {
                for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                    var changed = bytes
                    changed[index] = value
                    _ = try? parse(changed)
                }
            }
        }
    }

    @Test func whatCouldHarmLaterIsRefusedAtOnce() {
        let plan = SpawnPlan(executable: "/bin/true", arguments: [], environment: [])
        for targets: [Int32] in [[-1], [2, 1], [1, 1], [.max], [1, -1]] {
            let bytes = CarriedPlan(plan, targets: targets).bytes
            #expect(throws: PacketError.self) { try CarriedPlan(parsing: bytes) }
        }
        for name in ["", "a b", "ä", "a\n", String(repeating: "a", count: 201)] {
            let bytes = KeeperRequest.keep(name).bytes
            #expect(throws: PacketError.self) { try KeeperRequest(parsing: bytes) }
        }
        let rule = KeeperRequest.stopRule(StopRule(signal: 65, timeout: .zero)).bytes
        #expect(throws: PacketError.self) { try KeeperRequest(parsing: rule) }
        var newer = KeeperRequest.end.bytes
        newer[0] = 2
        #expect(throws: PacketError("its format is 2, known is 1")) {
            try KeeperRequest(parsing: newer)
        }
    }
}
