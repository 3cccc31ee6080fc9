import ControlProtocol
import Testing

@testable import relevo

/// What a list tells of a service.
struct ServiceRowTests {
    private func status(drains: Bool = false) -> ServiceStatus {
        let worker = WorkerStatus(index: 0, pid: 9, state: .ready, restarts: 0)
        var generations = [
            GenerationStatus(
                id: 2, state: .current, command: ["x"], flows: 30, workers: [worker],
                origin: OriginStatus(at: "2026-11-29T01:00:00Z"))
        ]
        if drains {
            generations.insert(
                GenerationStatus(
                    id: 1, state: .draining, command: ["x"], flows: 4,
                    outside: OutsideStatus(connections: 2),
                    workers: [worker]), at: 0)
        }
        return ServiceStatus(
            name: "dns", pid: 7, current: 2,
            listeners: [
                ListenerStatus(
                    address: "udp://[::]:53", steering: "flow",
                    counters: ListenerCounters(drops: 3)),
                ListenerStatus(address: "tcp://[::]:53", steering: "stateless", counters: .init()),
            ], generations: generations)
    }

    private let now = Timestamp.read("2026-11-29T03:30:00Z") ?? .zero

    @Test func sessionsAreThoseOfAllGenerations() throws {
        let look = ServiceLook(path: "/run/relevo/dns/control", .success(status(drains: true)))
        let row = try #require(ServiceRow(look, at: now))
        #expect(row.sessions == 36 && row.drops == 3 && row.health == "healthy")
        #expect(row.age == 9000)
        #expect(
            ServiceRow.table([row]).lines(styled: false) == [
                "NAME  PID  CURRENT  AGE  HEALTH   SESSIONS  DROPS  LISTENERS         STATE",
                "dns     7        2  2 h  healthy        36      3  udp://[::]:53 +1  generation 2 serves",
            ])
    }

    @Test func oneThatDoesNotAnswerIsListedWithoutFigures() throws {
        let silent = ServiceLook(path: "/run/relevo/dns/control", .failure(.silent))
        let row = try #require(ServiceRow(silent, at: now))
        #expect(row.name == "dns" && row.health == nil && row.sessions == nil)
        #expect(row.state == "its supervisor does not answer")
        #expect(ServiceRow(ServiceLook(path: "/x/dns/control", .failure(.denied)), at: now) == nil)
    }

    @Test func aClockThatWasSetBackTellsNoAge() throws {
        let look = ServiceLook(path: "/run/relevo/dns/control", .success(status()))
        #expect(try #require(ServiceRow(look, at: .seconds(1000))).age == nil)
    }

    @Test(arguments: [
        (0.5, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"),
        (172_799, "47 h"), (172_800, "2 d"), (-1, "?"), (.infinity, "?"),
    ])
    func anAgeIsOneNumber(seconds: Double, text: String) {
        #expect(TimeText.coarse(seconds) == text)
    }
}
