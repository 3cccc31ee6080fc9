import Kernel

@testable import ControlProtocol
@testable import Keeper
@testable import Settings

extension Decoder {
    /// Writes inputs that make sense, from which a fuzzer gets on faster.
    func writeSeeds(to folder: String) -> Bool {
        for (number, seed) in seeds.enumerated() {
            guard (try? writeFile("\(folder)/seed\(number)", seed)) != nil else { return false }
        }
        return true
    }

    private var seeds: [[UInt8]] {
        switch self {
        case .settings:
            [
                """
                [Service]
                Name=dns
                Command="/usr/bin/server" --fd {fd} 'a b'
                Workers=2
                Ready=alive:2s
                DrainTimeout=1min 30s
                Private=/run/a /run/b
                [Listener]
                Address=udp://[::1]:53
                Steering=flow
                MaxFlows=1024
                ReceiveBuffer=8M
                """
            ].map { Array($0.utf8) }
        case .unit:
            [
                """
                [Unit]
                After=network.target
                [Service]
                ExecStart=-!/usr/sbin/nginx -g 'daemon on; master_process on;' \\
                    $OPTIONS "${MORE}" \\x41
                ExecStart=
                ExecStart=@/usr/sbin/openvpn name --daemon x
                """,
                "[a]\nProgram=a b\nForeground=-f\nReplace=x \"y z\"\nLinger=1s\nNote=n\n",
            ].map { Array($0.utf8) }
        case .notification:
            [
                "READY=1\nSTATUS=fine\nMAINPID=3\nEXTEND_TIMEOUT_USEC=20\nWATCHDOG=1\nFDSTORE=1\nFDNAME=x"
            ]
            .map { Array($0.utf8) }
        case .channel:
            [
                "HELLO\nVERSION=1\n", "READY\n", "SESSIONS\nCOUNT=3\n", "DRAINED\n",
                "FAILED\nREASON=x\n",
            ]
            .map { Array($0.utf8) }
        case .welcome:
            [
                "WELCOME\nVERSION=1\nSERVICE=echo\nGENERATION=2\nWORKER=1\nWORKERS=3\n"
                    + "SOCKET=0 3 udp://[::]:4433 front door\nSOCKET=0 4 udp://[::]:4433 x\n"
                    + "IDS=17:0123456789abcdeffedcba9876543210 -\nSTORED=x\nMORE=1\nID=1",
                "DRAIN\nDEADLINE=1\nLEFT=2", "LINK\nROLE=asked\nGENERATION=1\nWORKER=0\nLABEL=x",
            ]
            .map { Array($0.utf8) }
        case .identity: [[0x0e, 1, 2, 3, 4, 5, 6, 7, 8, 0, 17, 1, 2, 3, 4]]
        case .control:
            [
                ControlRequest.getStatus, .upgrade(command: ["a"], workers: 2, wait: .drained),
                .promote(full: true, generation: 2, step: 1),
                .events, .drain(generation: 1, timeout: .seconds(2), keep: 3),
                .flows(
                    FlowsQuestion(generation: 1, worker: 0, sort: .age, limit: 5, seconds: 1)),
                .endFlow(FlowQuestion(peer: "127.0.0.1:5", to: "127.0.0.1:6", listener: "a")),
                .moveFlow(FlowQuestion(peer: "[::1]:5")),
            ]
            .map { ControlCall($0, more: true).frame() }
        case .keeper:
            [
                KeeperRequest.keep("worker.1.0.out").bytes, KeeperRequest.list.bytes,
                CarriedPlan(
                    SpawnPlan(executable: "/bin/x", arguments: ["x", "y"], environment: ["A=B"]),
                    targets: [1, 2, 3]
                ).bytes,
            ]
        case .record: Self.stateSeeds
        case .log: Self.logSeeds
        case .value: Self.valueSeeds
        case .history: Self.historySeeds
        }
    }
}
