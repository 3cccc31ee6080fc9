import Testing

@testable import Record

@Suite struct ValueTests {
    enum Phase: Codable, Equatable {
        case idle
        case waiting(until: Duration, attempts: Int)
        case named(String)
    }

    struct Worker: Codable, Equatable {
        var id: Int
        var pid: Int32
        var startedAt: Duration
        var isDraining = false
        var statusText: String?
        var channelVersion: Int?
        var phase: Phase = .idle
        var slots: [UInt16] = []
    }

    struct Everything: Codable, Equatable {
        struct Nothing: Codable, Equatable {}
        var nothing = Nothing()
        var bytes: [UInt8] = [0, 255]
        var small: Int8 = -128
        var large: UInt64 = .max
        var least: Int64 = .min
        var double = 0.1
        var float: Float = -2.5
        var text = "größer 🦊"
        var missing: Int?
        var inArray: [Int?] = [1, nil]
        var nested: [[Phase]] = [[], [.idle, .named("")]]
        var names: [String: Int] = ["b": 1, "a": 2, "": 3]
        var numbers: [Int: Worker] = [-3: Worker(id: 1, pid: 2, startedAt: .seconds(3))]
        var durations: [Duration] = [.zero, .nanoseconds(-1), .seconds(1 << 62), .seconds(-7)]
        var many = Array(0..<300)
        var flags = [true, false]
    }

    private func bytes(_ value: some Encodable) throws -> String {
        try RecordValue.bytes(of: value).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }

    /// Values of RFC 8949, appendix A.
    @Test func valuesAreThoseOfTheSpecification() throws {
        #expect(try bytes(0) == "00")
        #expect(try bytes(23) == "17")
        #expect(try bytes(24) == "1818")
        #expect(try bytes(1000) == "1903e8")
        #expect(try bytes(1_000_000) == "1a000f4240")
        #expect(try bytes(UInt64.max) == "1bffffffffffffffff")
        #expect(try bytes(-1) == "20")
        #expect(try bytes(-1000) == "3903e7")
        #expect(try bytes(1.1) == "fb3ff199999999999a")
        #expect(try bytes(true) == "f5")
        #expect(try bytes(Int?.none) == "f6")
        #expect(try bytes([1, 2, 3, 4] as [UInt8]) == "4401020304")
        #expect(try bytes("ü") == "62c3bc")
        #expect(try bytes([1, 2, 3]) == "83010203")
        let upTo25 = "98190102030405060708090a0b0c0d0e0f101112131415161718181819"
        #expect(try bytes(Array(1...25)) == upTo25)
        #expect(try bytes(["b": 1, "a": 2]) == "a2616102616201")
        #expect(try bytes([[1], [2, 3]]) == "8281018202" + "03")
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let value = Everything()
        let bytes = try RecordValue.bytes(of: value)
        #expect(try RecordValue.read(Everything.self, from: bytes) == value)
        #expect(try RecordValue.bytes(of: RecordValue.read(Everything.self, from: bytes)) == bytes)
    }

    @Test func equalDictionariesAreEqualBytes() throws {
        let names = (0..<200).map { "key\($0)" }
        let first = Dictionary(uniqueKeysWithValues: names.map { ($0, 1) })
        var second = [String: Int](minimumCapacity: 5000)
        for name in names.reversed() { second[name] = 1 }
        #expect(try RecordValue.bytes(of: first) == RecordValue.bytes(of: second))
        let nested = ["z": first, "a": second]
        let bytes = try RecordValue.bytes(of: nested)
        #expect(try RecordValue.read([String: [String: Int]].self, from: bytes) == nested)
    }

    /// A duration is an array of two halves of 128 bits, as the standard library encodes it.
    @Test func aDurationIsItsAttoseconds() throws {
        #expect(try bytes(Duration.seconds(1)) == "82001b0de0b6b3a7640000")
        #expect(try bytes(Duration.nanoseconds(-1)) == "82201bffffffffc4653600")
    }

    @Test func aMissingOptionalIsNilAndAnUnknownKeyIsLetPass() throws {
        struct Newer: Codable {
            var id = 1
            var added = ["deep": [1, 2, 3]]
            var pid = 2
            var startedAt = Duration.zero
            var isDraining = true
            var phase = Phase.waiting(until: .seconds(1), attempts: 3)
            var alsoAdded: Double? = 3
            var slots: [UInt16] = [7]
        }
        let worker = try RecordValue.read(Worker.self, from: RecordValue.bytes(of: Newer()))
        #expect(
            worker
                == Worker(
                    id: 1, pid: 2, startedAt: .zero, isDraining: true,
                    phase: .waiting(until: .seconds(1), attempts: 3), slots: [7]))
    }

    @Test func anyOrderOfKeysIsRead() throws {
        struct Turned: Codable {
            var slots: [UInt16] = [7]
            var phase = Phase.named("x")
            var isDraining = true
            var startedAt = Duration.zero
            var pid = 2
            var statusText: String? = "s"
            var id = 1
        }
        let worker = try RecordValue.read(Worker.self, from: RecordValue.bytes(of: Turned()))
        #expect(worker.phase == .named("x") && worker.slots == [7] && worker.id == 1)
        #expect(worker.statusText == "s" && worker.channelVersion == nil)
    }

    @Test func aFaultSaysWhereItIs() throws {
        struct Outer: Codable { var workers: [Worker] }
        struct Other: Codable { var workers: [[String: Int]] }
        let bytes = try RecordValue.bytes(
            of: Other(workers: [["id": 1, "pid": 1 << 40]]))
        let outOfRange = #expect(throws: RecordValueFault.self) {
            try RecordValue.read(Outer.self, from: bytes)
        }
        #expect(outOfRange?.description == "workers.0.pid: out of range")
        let missing = #expect(throws: RecordValueFault.self) {
            try RecordValue.read(Outer.self, from: RecordValue.bytes(of: [String: Int]()))
        }
        #expect(missing?.description == "workers is missing")
        let mismatch = #expect(throws: RecordValueFault.self) {
            try RecordValue.read(Int.self, from: RecordValue.bytes(of: "1"))
        }
        #expect(mismatch?.description == "the value: no Int")
    }

    @Test func containersThatAreWrittenInTurnsAreRefused() {
        struct Mixed: Encodable {
            func encode(to encoder: any Encoder) throws {
                var keys = encoder.container(keyedBy: CBORKey.self)
                var inner = keys.nestedUnkeyedContainer(forKey: CBORKey(stringValue: "a"))
                try inner.encode(1)
                try keys.encode(2, forKey: CBORKey(stringValue: "b"))
                try inner.encode(3)
            }
        }
        struct Twice: Encodable {
            func encode(to encoder: any Encoder) throws {
                var first = encoder.singleValueContainer()
                try first.encode(1)
                var second = encoder.unkeyedContainer()
                try second.encode(1)
            }
        }
        #expect(throws: RecordValueFault.self) { try RecordValue.bytes(of: Mixed()) }
        #expect(throws: RecordValueFault.self) { try RecordValue.bytes(of: Twice()) }
    }

    @Test func aContainerMayBeAskedForAgain() throws {
        struct Again: Encodable {
            func encode(to encoder: any Encoder) throws {
                var first = encoder.container(keyedBy: CBORKey.self)
                try first.encode(1, forKey: CBORKey(stringValue: "a"))
                var second = encoder.container(keyedBy: CBORKey.self)
                try second.encode(2, forKey: CBORKey(stringValue: "b"))
            }
        }
        #expect(try bytes(Again()) == "a2616101616202")
    }

    @Test func whatIsTooDeepIsNeitherWrittenNorRead() throws {
        indirect enum Tree: Codable {
            case leaf
            case node(Tree)
        }
        var tree = Tree.leaf
        for _ in 0..<10 { tree = .node(tree) }
        _ = try RecordValue.read(Tree.self, from: RecordValue.bytes(of: tree))
        for _ in 0..<10_000 { tree = .node(tree) }
        #expect(throws: RecordValueFault.self) { try RecordValue.bytes(of: tree) }
        let arrays = [UInt8](repeating: 0x81, count: 100_000) + [0]
        #expect(throws: RecordValueFault.self) { try RecordValue.read([Int].self, from: arrays) }
    }
}
