import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct Promise8LeastPrivilege {
        /// Starts a program as root without any capability, who may still use what root owns.
        static let unprivileged = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"]

        @Test func flowSteeringWithoutCapBPFIsRefusedInOneLine() throws {
            let service = try Service(
                quick + ["--steering", "flow"], command: try echo(), as: Self.unprivileged)
            let finished = try service.process.finished()
            #expect(finished.exit == .code(77))
            #expect(finished.output.count == 1, "\(finished)")
            let line = finished.output.first ?? ""
            #expect(line.hasPrefix("relevo: udp://\(address): flow steering: needs CAP_BPF"))
            #expect(line.contains("--steering stateless"), "it says what to do")
        }

        @Test func aLowPortIsRefusedInOneLine() throws {
            try writeFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", Array("1024\n".utf8))
            let service = try Service(
                ["--listen", "udp://127.0.0.1:53", "--steering", "stateless"],
                command: try echo(), as: Self.unprivileged)
            let finished = try service.process.finished()
            #expect(finished.exit == .code(77))
            let line = finished.output.last ?? ""
            #expect(
                line == "relevo: bind udp://127.0.0.1:53: permission denied "
                    + "(CAP_NET_BIND_SERVICE or a port above 1023)")
        }

        @Test func statelessSteeringNeedsNothing() throws {
            let service = try Service.current(
                quick + ["--steering", "stateless", "--workers", "2"],
                command: try echo("--stateless"), as: Self.unprivileged)
            let steering = try service.status().listeners.first
            #expect(steering?.steering == "stateless")
            let reason = steering?.steeringReason ?? ""
            #expect(reason.contains("classic BPF") && reason.contains("needs CAP_BPF"))
            let load = try service.load(changingFlows + ["--stateless"])
            for _ in 2...4 { #expect(try service.upgrade("--wait", "drained")) }
            #expect(try service.upgrade("--workers", "3", "--wait", "drained"))
            let probe = try service.probe("--stateless")
            #expect(probe.isAnswered(by: 5), "\(probe)")
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3, 4, 5), "\(result)")
        }

        /// As a unit's AmbientCapabilities= gives them: CAP_BPF is the supervisor's, what else there is
        /// the workers' too.
        @Test func workersAreNotGivenWhatTheSupervisorHasForItself() throws {
            let service = try Service.current(
                quick, command: try echo(),
                as: [
                    "setpriv", "--securebits=+noroot", "--inh-caps=+bpf,+net_raw",
                    "--ambient-caps=+bpf,+net_raw", "--",
                ])
            let worker = try #require(try service.worker())
            let status = String(decoding: try readFile("/proc/\(worker)/status"), as: UTF8.self)
            let capNetRaw = "0000000000002000"
            for kind in ["CapEff", "CapPrm", "CapAmb"] {
                #expect(status.contains("\(kind):\t\(capNetRaw)\n"), "\(status)")
            }
        }

        @Test func aReceiveBufferThatIsCappedIsWarnedOf() throws {
            let service = try Service.current(
                quick + ["--steering", "stateless", "--receive-buffer", "512M"],
                command: try echo(), as: Self.unprivileged)
            let warning = service.process.output.lines.first { $0.contains("receive buffer") }
            #expect(warning?.contains("net.core.rmem_max") ?? false, "it says what to do")
            #expect(try service.probe().isAnswered(by: 1))
        }
    }
}
