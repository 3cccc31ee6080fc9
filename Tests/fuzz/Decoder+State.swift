import HandoverCore
import Record
import Settings

@testable import ServiceCore

extension Decoder {
    private static var plainSettings: ServiceSettings {
        var settings = ServiceSettings()
        settings.command = ["/bin/server"]
        return settings
    }

    /// Parts of a record, whatever their bytes: each part is a kind, two numbers, a length of two bytes
    /// and the value. What makes a sound state is gone on with.
    static func takeState(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var parts: [RecordPart] = []
        while rest.count >= 5 {
            let head = Array(rest.prefix(5))
            rest = rest.dropFirst(5)
            let value = Array(rest.prefix(Int(head[3]) << 8 | Int(head[4])))
            rest = rest.dropFirst(value.count)
            // The highest ones are those that an earlier version can do without.
            let kind = UInt16(head[0])
            let key = RecordKey(
                kind: kind < 0xf0 ? kind : RecordKey.firstSkippable + 256 + kind - 0xf0,
                Int(head[1]), Int(head[2]))
            if let part = try? RecordFormat.part(key, value) { parts.append(part) }
        }
        guard let state = (try? PredecessorState(parts)) ?? nil else { return }
        var (service, _) = Service.resume(
            state, Findings(slots: [:], workers: [], stored: [], keeperLacks: true), plainSettings,
            policy: Policy(), former: nil, at: Instant(sinceStart: .seconds(1)))
        for second in 2..<5 {
            _ = service.handle(.tick, at: Instant(sinceStart: .seconds(second)))
        }
    }

    static var stateSeeds: [[UInt8]] {
        let place = SocketPlace(
            .ipv4(1, port: 53), v6Only: false, isStream: false, text: "udp://0.0.0.1:53")
        var service = Service(
            plainSettings, listeners: [ListenerShape(address: place.text, place: place)],
            policy: Policy())
        var recorder = Recorder()
        var bytes: [UInt8] = []
        for input in [
            Input.start, .identified(GenerationID(1), nil, at: 1),
            .slotBound(SlotID(listener: 0, number: 0), BoundSocket(inode: 7)),
            .workerSpawned(WorkerID(GenerationID(1), 0), pid: 12, answersBinds: true),
        ] {
            _ = service.handle(input, at: Instant(sinceStart: .seconds(1)))
        }
        for (key, part) in recorder.changes(&service) {
            guard case .set(let name, let value) = try? RecordFormat.change(key, part) else {
                continue
            }
            bytes += [UInt8(name.kind), UInt8(name.first), UInt8(name.second)]
            bytes += [UInt8(value.count >> 8), UInt8(value.count & 255)] + value
        }
        return [bytes]
    }
}
