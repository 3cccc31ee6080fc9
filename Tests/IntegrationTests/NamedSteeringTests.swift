import ControlProtocol
import TestKit
import Testing

/// Steering that is asked for by a protocol's name, as the status shows it.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering)
struct NamedSteeringTests {
    @Test(arguments: [
        (["wireguard"], "wireguard", ""),
        (["openvpn"], "flow", "as flow, for openvpn counts its peer ids from 0 in every process"),
        (["auto", "--balance", "load"], "flow", "new flows by load"),
        (["quic", "--balance", "load"], "quic", "new flows by load"),
    ])
    func theStatusNamesItAndSaysWhy(asked: [String], shown: String, reason: String) throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--steering"] + asked,
            command: BindingWorker.command("serve(udp())"))
        func check() throws {
            let listener = try #require(try service.status().listeners.first)
            #expect(listener.steering == shown)
            let told = try #require(listener.steeringReason)
            #expect(told.hasPrefix("eBPF") && (reason.isEmpty || told.contains(reason)), "\(told)")
        }
        try check()
        // The next supervisor says the same.
        try service.succeed()
        try check()
    }
}
