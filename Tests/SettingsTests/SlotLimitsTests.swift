import Settings
import Testing

struct SlotLimitsTests {
    private func errors(_ service: String, _ listener: String = "") -> [String] {
        SettingsTests.errors(
            "[Service]\nCommand=/bin/server\n\(service)\n[Listener]\nAddress=udp://:53\n"
                + "\(listener)\n")
    }

    @Test func twoGenerationsMustFitWhereTheyOverlap() {
        #expect(errors("Workers=256") == [])
        #expect(
            errors("Workers=300") == [
                "test.conf:3: 300 workers do not fit: a listener has 512 sockets for all workers, "
                    + "twice during an upgrade; set Workers=256 or less, or Overlap=no, which "
                    + "stops the old version before the new one starts"
            ])
    }

    @Test func oneGenerationMustFitWhereTheyDoNot() {
        #expect(errors("Workers=512\nOverlap=no") == [])
        #expect(
            errors("Overlap=no\nWorkers=257\nSocketsPerWorker=2") == [
                "test.conf:4: 257 workers with 2 sockets each do not fit: a listener has 512 "
                    + "sockets for all workers; set Workers=256 or less, or a smaller "
                    + "SocketsPerWorker="
            ])
    }

    @Test func aListenersOwnSocketsCount() {
        #expect(errors("", "SocketsPerWorker=256") == [])
        #expect(
            errors("Workers=2", "SocketsPerWorker=129").first?.hasPrefix("test.conf:3: ") == true)
        #expect(errors("SocketsPerWorker=256", "SocketsPerWorker=1") == [])
    }

    /// What the supervisor asks of `relevo upgrade --workers` and of workers that join.
    @Test func anotherNumberOfWorkersIsMeasuredByTheSameRule() throws {
        let settings = try parse(smallest)
        #expect(settings.obstacle(toWorkers: 256) == nil)
        #expect(settings.obstacle(toWorkers: 257)?.hasPrefix("257 workers do not fit") == true)
        #expect(settings.obstacle(toWorkers: 0) != nil)
        #expect(settings.obstacle(toWorkers: .max) != nil)
    }
}
