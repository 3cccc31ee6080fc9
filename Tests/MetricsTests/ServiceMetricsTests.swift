import ControlProtocol
import Metrics
import Testing

struct ServiceMetricsTests {
    @Test(arguments: [
        #"relevo_up{service="dns"} 1"#,
        #"relevo_service_info{service="dns",version="0.1.0",program_id="abc123"} 1"#,
        #"relevo_generation{service="dns"} 4"#,
        #"relevo_generations{service="dns",state="current"} 1"#,
        #"relevo_generations{service="dns",state="draining"} 1"#,
        #"relevo_generations{service="dns",state="starting"} 0"#,
        #"relevo_workers{service="dns",generation="current",state="ready"} 1"#,
        #"relevo_workers{service="dns",generation="current",state="restarting"} 1"#,
        #"relevo_workers{service="dns",generation="current",state="failed"} 0"#,
        #"relevo_workers{service="dns",generation="draining",state="ready"} 1"#,
        #"relevo_worker_restarts_total{service="dns"} 1"#,
        #"relevo_program_changed{service="dns"} 1"#,
        #"relevo_settings_changed{service="dns"} 1"#,
        #"relevo_flows{service="dns",generation="current"} 7"#,
        #"relevo_flows{service="dns",generation="draining"} 5"#,
        #"relevo_sessions{service="dns",generation="draining"} 6"#,
        #"relevo_outside_sessions{service="dns",generation="draining",kind="connection"} 1"#,
        #"relevo_outside_sessions{service="dns",generation="draining",kind="port"} 3"#,
        #"relevo_listener_flows{service="dns",listener="udp://[::]:53"} 12"#,
        #"relevo_datagrams_total{service="dns",listener="udp://[::]:53",outcome="pinned"} 80"#,
        #"relevo_datagrams_total{service="dns",listener="udp://[::]:53",outcome="new"} 15"#,
        #"relevo_datagrams_total{service="dns",listener="udp://[::]:53",outcome="plain"} 5"#,
        #"relevo_fallbacks_total{service="dns",listener="udp://[::]:53"} 1"#,
        #"relevo_evictions_total{service="dns",listener="udp://[::]:53"} 2"#,
        #"relevo_unrecorded_datagrams_total{service="dns",listener="udp://[::]:53"} 3"#,
        #"relevo_drops_total{service="dns",listener="udp://[::]:53"} 4"#,
        #"relevo_listener_problems{service="dns",listener="udp://[::]:53"} 1"#,
        #"relevo_listener_harmed{service="dns",listener="udp://[::]:53"} 1"#,
        #"relevo_table_flows{service="dns",table="1"} 12"#,
        #"relevo_table_capacity{service="dns",table="1"} 65536"#,
        #"relevo_table_bytes{service="dns",table="1"} 4194304"#,
        #"relevo_handovers_total{service="dns",result="completed"} 1"#,
        #"relevo_handovers_total{service="dns",result="rolledBack"} 1"#,
        #"relevo_handovers_total{service="dns",result="failed"} 0"#,
        #"relevo_handovers_total{service="dns",result="dryRunPassed"} 1"#,
        #"relevo_handovers_total{service="dns",result="dryRunFailed"} 0"#,
        #"relevo_handover_phase_seconds_bucket{service="dns",phase="flip",le="1e-05"} 1"#,
        #"relevo_handover_phase_seconds_bucket{service="dns",phase="drain",le="10.0"} 0"#,
        #"relevo_handover_phase_seconds_bucket{service="dns",phase="drain",le="60.0"} 1"#,
        #"relevo_handover_phase_seconds_bucket{service="dns",phase="drain",le="+Inf"} 1"#,
        #"relevo_handover_phase_seconds_count{service="dns",phase="drain"} 1"#,
        #"relevo_handover_phase_seconds_sum{service="dns",phase="ready"} 0.05"#,
        #"relevo_handover_under_way{service="dns"} 1"#,
        #"relevo_rollback_under_way{service="dns"} 0"#,
        #"relevo_canary_share_ratio{service="dns"} 0"#,
        #"relevo_watch_active{service="dns"} 0"#,
        #"relevo_watch_left_seconds{service="dns"} 0"#,
        #"relevo_watch_failed{service="dns"} 0"#,
        #"relevo_handover_age_seconds{service="dns"} 17.5"#,
        #"relevo_drain_left_seconds{service="dns"} 12.5"#,
        #"relevo_drain_likely_seconds{service="dns"} 7.5"#,
        #"relevo_drain_sessions{service="dns"} 11"#,
        #"relevo_last_handover_cut_sessions{service="dns"} 3"#,
        #"relevo_last_handover_drops{service="dns"} 9"#,
        #"relevo_supervisor_cpu_seconds_total{service="dns"} 1.25"#,
        #"relevo_supervisor_resident_bytes{service="dns"} 18000000"#,
        #"relevo_supervisor_descriptors{service="dns"} 41"#,
        #"relevo_supervisor_descriptors_limit{service="dns"} 65536"#,
        #"relevo_worker_cpu_seconds_total{service="dns",generation="draining",worker="0"} 2.5"#,
        #"relevo_worker_cpu_seconds_total{service="dns",generation="current",worker="0"} 0.25"#,
        #"relevo_worker_resident_bytes{service="dns",generation="current",worker="0"} 8192"#,
        "# TYPE relevo_handovers counter",
        "# TYPE relevo_service info",
        "# UNIT relevo_supervisor_cpu_seconds seconds",
    ])
    func aFigureOfTheStatusIsTold(line: String) {
        #expect(lines([look(draining)]).contains(line))
    }

    @Test(arguments: ServiceLook.Failure.allCases)
    func aServiceThatDoesNotAnswerIsDownAndTheReasonIsTold(reason: ServiceLook.Failure) {
        let found = lines([ServiceLook(path: "/run/relevo/dns/control", .failure(reason))])
        #expect(found.contains(#"relevo_up{service="dns"} 0"#))
        #expect(
            found.contains(#"relevo_scrape_failure{service="dns",reason="\#(reason.rawValue)"} 1"#))
        // Nothing else is made up of it.
        #expect(found.filter { $0.hasPrefix("relevo_") }.count == 2)
    }

    @Test func aSupervisorThatIsOlderTellsWhatItKnows() {
        var old = draining
        (old.tables, old.tally, old.supervisor, old.changedSettings) = (nil, nil, nil, nil)
        let found = lines([look(old)])
        #expect(found.contains(#"relevo_up{service="dns"} 1"#))
        #expect(!found.contains { $0.hasPrefix("relevo_handovers") })
        #expect(!found.contains { $0.hasPrefix("relevo_supervisor_") })
    }

    @Test func aCanaryIsToldWithItsShare() {
        var status = draining
        status.generations[0].state = .canary
        status.generations[0].canary = CanaryStatus(share: 2.5, step: 1, steps: 2)
        let found = lines([look(status)])
        #expect(found.contains(#"relevo_canary_share_ratio{service="dns"} 0.025"#))
        #expect(found.contains(#"relevo_generations{service="dns",state="canary"} 1"#))
    }

    @Test func aWatchIsToldWithItsTimeAndItsFailure() {
        var status = draining
        status.generations[1].watch = WatchStatus(secondsLeft: 41.5)
        let found = lines([look(status)])
        #expect(found.contains(#"relevo_watch_active{service="dns"} 1"#))
        #expect(found.contains(#"relevo_watch_left_seconds{service="dns"} 41.5"#))
        #expect(found.contains(#"relevo_watch_failed{service="dns"} 0"#))
        status.generations[1].watch?.failure = "slow"
        #expect(lines([look(status)]).contains(#"relevo_watch_failed{service="dns"} 1"#))
    }

    @Test func aRollbackIsToldWhileItsDrainLasts() {
        func told(_ current: Int, _ phase: HandoverPhase) -> Bool {
            var status = draining
            status.current = current
            status.handover = HandoverStatus(from: 3, to: 4, phase: phase, seconds: 1)
            return lines([look(status)]).contains(#"relevo_rollback_under_way{service="dns"} 1"#)
        }
        #expect(told(3, .drain) && told(3, .retire))
        // Before the flip the old one is current as well.
        #expect(!told(3, .start) && !told(3, .ready) && !told(4, .drain))
    }

    @Test func withoutACurrentGenerationNoWorkerIsReady() {
        var down = draining
        (down.current, down.generations) = (nil, [])
        let found = lines([look(down)])
        #expect(
            found.contains(#"relevo_workers{service="dns",generation="current",state="ready"} 0"#))
        #expect(!found.contains { $0.hasPrefix("relevo_generation{") })
    }

    @Test func twoServicesOfOneNameAreToldApart() {
        let found = lines([
            look(draining), look(draining, at: "/run/user/1000/relevo/dns/control"),
        ])
        #expect(found.contains(#"relevo_up{service="dns"} 1"#))
        #expect(found.contains(#"relevo_up{service="/run/user/1000/relevo/dns/control"} 1"#))
        let samples = found.filter { $0.hasPrefix("relevo_") }.map { $0.prefix { $0 != " " } }
        #expect(Set(samples).count == samples.count)
    }

    @Test func noAnswerOfASupervisorMakesTheTextUnreadable() {
        var odd = draining
        let address = "udp://\"\\\n\u{7f}" + String(repeating: "x", count: 5000)
        odd.version = "1\u{0}"
        odd.listeners = [address, address].map {
            ListenerStatus(
                address: $0, steering: "flow",
                counters: ListenerCounters(
                    datagrams: .min, pinned: .max, newFlows: .max, drops: -1))
        }
        odd.generations[0].state = GenerationState(rawValue: "current\"}")
        odd.generations[0].flows = .max
        odd.generations[1].flows = .max
        odd.generations[1].state = odd.generations[0].state
        odd.generations[1].workers[0].state = WorkerStateName(rawValue: "\n")
        odd.supervisor?.cpuSeconds = -.infinity
        for format in [Exposition.openMetrics, .prometheus] {
            let found = lines([look(odd)], format)
            let samples = found.filter { $0.hasPrefix("relevo_") }
            #expect(found.allSatisfy { $0.utf8.count < 400 })
            #expect(
                found.allSatisfy { $0.isEmpty || $0.hasPrefix("#") || $0.hasPrefix("relevo_") })
            let names = samples.map { $0.prefix(upTo: $0.lastIndex(of: " ") ?? $0.endIndex) }
            #expect(Set(names).count == names.count)
            #expect(
                samples.contains {
                    $0.hasPrefix(#"relevo_drops_total{service="dns",listener="udp://\"\\\n?xxx"#)
                        && $0.hasSuffix("\"} 0")
                })
            #expect(samples.contains(#"relevo_supervisor_cpu_seconds_total{service="dns"} 0"#))
        }
    }

    @Test func theClassesOfAHistogramRise() {
        let counts = lines([look(draining)]).filter {
            $0.hasPrefix(#"relevo_handover_phase_seconds_bucket{service="dns",phase="ready""#)
        }.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
    }
}
