import ControlProtocol
import Testing

struct CallTests {
    static let calls: [ControlCall] = [
        ControlCall(.getInfo), ControlCall(.getInterfaceDescription(interface: "org.x")),
        ControlCall(.getStatus), ControlCall(.reexec), ControlCall(.events, more: true),
        ControlCall(.upgrade(command: nil, workers: nil, wait: .flip), more: true),
        ControlCall(
            .upgrade(
                command: nil, workers: nil, wait: .flip,
                canary: CanarySteps(
                    shares: [0.5, 25], stepSeconds: 30, restarts: 1, check: ["check", "it"]))),
        ControlCall(
            .upgrade(
                command: nil, workers: nil, wait: .flip, canary: CanarySteps(shares: [99.9999]))),
        ControlCall(
            .upgrade(
                command: nil, workers: nil, wait: .flip,
                canary: CanarySteps(shares: [], networks: ["192.0.2.0/24", "::1/128"]))),
        ControlCall(
            .upgrade(
                command: nil, workers: nil, wait: .flip,
                canary: CanarySteps(shares: [5], drops: 3))),
        ControlCall(
            .upgrade(
                command: nil, workers: nil, wait: .flip,
                watch: WatchWanted(seconds: 60, restarts: 2, drops: 10, check: ["check", "it"]))),
        ControlCall(
            .upgrade(command: nil, workers: nil, wait: .flip, dryRun: DryRunWanted(check: ["c"]))),
        ControlCall(.upgrade(command: nil, workers: nil, wait: .flip, dryRun: DryRunWanted())),
        ControlCall(.promote(full: false)), ControlCall(.promote(full: true)),
        ControlCall(.promote(full: false, generation: 2, step: 0)),
        ControlCall(.promote(full: true, generation: 7, step: 3)),
        ControlCall(.hold), ControlCall(.abort),
        ControlCall(
            .explain([
                DatagramQuestion(payload: [0x40, 0xff], from: "127.0.0.1:9"),
                DatagramQuestion(
                    payload: [], size: 1200, from: "[::1]:9", to: "[::1]:53", listener: "dns"),
            ])),
        ControlCall(.upgrade(command: ["/a", "\"\\\n\u{1}ü"], workers: 4, wait: .none)),
        ControlCall(.rollback(wait: .drained), oneway: true), ControlCall(.restart(wait: .flip)),
        ControlCall(.drain(generation: 3, timeout: .milliseconds(1500))),
        ControlCall(.drain(generation: nil, timeout: nil)),
        ControlCall(.drain(generation: 2, timeout: nil, keep: 5)),
        ControlCall(.flows(FlowsQuestion())),
        ControlCall(
            .flows(FlowsQuestion(generation: 2, worker: 0, sort: .age, limit: 1000, seconds: 600))),
        ControlCall(.endFlow(FlowQuestion(peer: "192.0.2.1:5"))),
        ControlCall(
            .moveFlow(FlowQuestion(peer: "[::1]:5", to: "[::1]:53", listener: "udp://[::]:53"))),
        ControlCall(.stop(drainTimeout: .zero)), ControlCall(.stop(drainTimeout: nil)),
    ]

    @Test(arguments: calls)
    func aCallIsReadBackAsItWasSent(call: ControlCall) throws {
        #expect(try ControlCall.decode(onlyFrame(call.frame())) == call)
    }

    @Test func aCallLooksAsVarlinkWantsIt() throws {
        let call = ControlCall(
            .upgrade(command: ["/bin/v2"], workers: nil, wait: .flip), more: true)
        #expect(
            text(try onlyFrame(call.frame()))
                == #"{"method":"org.relevo.Supervisor.Upgrade","#
                + #""parameters":{"command":["/bin/v2"],"wait":"flip"},"more":true}"#)
    }

    @Test func parametersAndUnknownFieldsMayBeLeftOutOrAdded() throws {
        let expected = ControlCall(.upgrade(command: nil, workers: nil, wait: .flip))
        for json in [
            #"{"method":"org.relevo.Supervisor.Upgrade"}"#,
            #"{"method":"org.relevo.Supervisor.Upgrade","parameters":null,"more":null}"#,
            #"{"method":"org.relevo.Supervisor.Upgrade","parameters":{"command":null,"new":[{}]}}"#,
            #" {"method":"org.relevo.Supervisor.Upgrade","x":{"y":1},"more":false} "#,
        ] {
            #expect(try decode(json) == expected)
        }
    }

    private static func datagram(_ payload: String, size: Int? = nil) -> String {
        let size = size.map { #","size":\#($0)"# } ?? ""
        return #"{"payload":"\#(payload)","from":"127.0.0.1:9"\#(size)}"#
    }

    private static func explain(_ datagrams: [String]) -> String {
        #"{"method":"org.relevo.Supervisor.Explain","parameters":{"datagrams":["#
            + datagrams.joined(separator: ",") + "]}}"
    }

    static let refused: [(json: String, error: ControlError)] = [
        (#"{"method":"org.x.Y"}"#, .interfaceNotFound("org.x")),
        (#"{"method":""}"#, .methodNotFound("")),
        (#"{"method":"."}"#, .interfaceNotFound("")),
        (
            #"{"method":"org.relevo.Supervisor.Nope"}"#,
            .methodNotFound("org.relevo.Supervisor.Nope")
        ),
        (#"{"method":"org.varlink.service.Nope"}"#, .methodNotFound("org.varlink.service.Nope")),
        (#"{"method":"org.relevo.Supervisor.Events"}"#, .expectedMore),
        (#"{"method":"org.relevo.Supervisor.Explain"}"#, .invalidParameter("datagrams")),
        (explain([]), .invalidParameter("datagrams")),
        (explain([datagram("0")]), .invalidParameter("datagrams")),
        (explain([datagram("0g")]), .invalidParameter("datagrams")),
        (explain([datagram("00", size: 0)]), .invalidParameter("datagrams")),
        (explain([datagram("00", size: 65_536)]), .invalidParameter("datagrams")),
        (
            explain([datagram(String(repeating: "00", count: DatagramQuestion.mostBytes + 1))]),
            .invalidParameter("datagrams")
        ),
        (
            explain([String](repeating: datagram("00"), count: DatagramQuestion.most + 1)),
            .invalidParameter("datagrams")
        ),
        (
            #"{"method":"org.relevo.Supervisor.GetStatus","upgrade":true}"#,
            .invalidParameter("upgrade")
        ),
        (
            #"{"method":"org.varlink.service.GetInterfaceDescription"}"#,
            .invalidParameter("interface")
        ),
        (upgrade(#"[]"#), .invalidParameter("parameters")),
        (upgrade(#"7"#), .invalidParameter("parameters")),
        (upgrade(#"{"command":[]}"#), .invalidParameter("command")),
        (upgrade(#"{"command":[""]}"#), .invalidParameter("command")),
        (upgrade(#"{"command":["a\u0000"]}"#), .invalidParameter("command")),
        (upgrade(#"{"command":["a",7]}"#), .invalidParameter("command")),
        (upgrade(#"{"command":"a"}"#), .invalidParameter("command")),
        (upgrade(#"{"workers":0}"#), .invalidParameter("workers")),
        (upgrade(#"{"workers":-1}"#), .invalidParameter("workers")),
        (upgrade(#"{"workers":1.5}"#), .invalidParameter("parameters")),
        (upgrade(#"{"workers":99999999999999999999}"#), .invalidParameter("parameters")),
        (upgrade(#"{"wait":"for ever"}"#), .invalidParameter("wait")),
        (upgrade(#"{"canary":{"shares":[]}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[0]}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[],"networks":[]}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[],"networks":[7]}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[0.00001]}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[100]}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[5,5]}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[5,2]}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[5],"stepSeconds":0}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[5],"stepSeconds":-1}}"#), .invalidParameter("canary")),
        (upgrade(#"{"canary":{"shares":[5],"restarts":-1}}"#), .invalidParameter("canary")),
        (upgrade(#"{"watch":{}}"#), .invalidParameter("watch")),
        (upgrade(#"{"watch":{"seconds":0}}"#), .invalidParameter("watch")),
        (upgrade(#"{"watch":{"seconds":1e300}}"#), .invalidParameter("watch")),
        (upgrade(#"{"watch":{"seconds":1,"restarts":-1}}"#), .invalidParameter("watch")),
        (upgrade(#"{"watch":{"seconds":1,"drops":-1}}"#), .invalidParameter("watch")),
        (upgrade(#"{"watch":{"seconds":1,"check":[]}}"#), .invalidParameter("watch")),
        (upgrade(#"{"dryRun":{"check":[""]}}"#), .invalidParameter("dryRun")),
        (upgrade(#"{"dryRun":true}"#), .invalidParameter("dryRun")),
        (
            #"{"method":"org.relevo.Supervisor.Promote","parameters":{"step":-1}}"#,
            .invalidParameter("step")
        ),
        (
            #"{"method":"org.relevo.Supervisor.Promote","parameters":{"generation":0}}"#,
            .invalidParameter("generation")
        ),
        (
            #"{"method":"org.relevo.Supervisor.Drain","parameters":{"timeout":-1}}"#,
            .invalidParameter("timeout")
        ),
        (
            #"{"method":"org.relevo.Supervisor.Stop","parameters":{"drainTimeout":1e300}}"#,
            .invalidParameter("drainTimeout")
        ),
    ]

    private static func upgrade(_ parameters: String) -> String {
        #"{"method":"org.relevo.Supervisor.Upgrade","parameters":"# + parameters + "}"
    }

    @Test(arguments: refused)
    func whatCannotBeServedIsRefusedByItsName(json: String, error: ControlError) {
        #expect(fault(json) == .refused(error, oneway: false))
    }

    @Test func aRefusalRemembersThatNobodyWantsToHearIt() {
        #expect(
            fault(#"{"method":"a.B","oneway":true}"#)
                == .refused(.interfaceNotFound("a"), oneway: true))
    }

    @Test(arguments: [
        "", " ", "{", "[]", "null", "7", #""org.relevo.Supervisor.GetStatus""#, "{}",
        #"{"method":7}"#, #"{"method":null}"#, #"{"method":"a.B","more":"yes"}"#,
        #"{"method":"a.B"}{}"#, #"{"method":"a.B",}x"#, #"{"method":"\ud800"}"#,
    ])
    func whatIsNoCallEndsTheConnection(json: String) {
        #expect(fault(json) == .malformed("not a Varlink call"))
    }
}
