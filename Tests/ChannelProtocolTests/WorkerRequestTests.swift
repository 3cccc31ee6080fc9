import ChannelProtocol
import Testing

@Suite struct WorkerRequestTests {
    static let requests = [
        WorkerRequest(.hello(WorkerMessage.Hello(version: 1))),
        WorkerRequest(
            .hello(
                WorkerMessage.Hello(
                    version: 3, wantsSockets: false, group: "v2", workers: 4,
                    command: "/bin/server -x")), id: 7),
        WorkerRequest(.ready(), id: 0),
        WorkerRequest(.ready(unread: [0, 3, 4, 5, 99_999]), id: 0),
        WorkerRequest(.failed(reason: "no zone file, größer"), id: UInt64(Int64.max)),
        WorkerRequest(.sessions(12)),
        WorkerRequest(.drained),
        WorkerRequest(.store(name: "state 1", adds: false)),
        WorkerRequest(.store(name: "state", adds: true), id: 3),
        WorkerRequest(.forget(name: "state")),
        WorkerRequest(.fetch, id: 1),
        WorkerRequest(.pin(FlowName(listener: 0, peer: "192.0.2.7:4711"))),
        WorkerRequest(
            .unpin(FlowName(listener: 2, peer: "[2001:db8::7]:1", local: "[2001:db8::1]:53"))),
        WorkerRequest(.link(.older, worker: nil, label: nil), id: 9),
        WorkerRequest(.link(.newer, worker: 1, label: "streams")),
        WorkerRequest(.link(.current, worker: 0, label: nil)),
        WorkerRequest(.link(.generation(5), worker: nil, label: "")),
        WorkerRequest(.leave, id: 2),
    ]

    @Test(arguments: requests)
    func isReadAsItWasWritten(request: WorkerRequest) throws {
        #expect(try WorkerRequest(parsing: request.encoded()) == request)
    }

    @Test(arguments: [
        ("JUMP", ChannelErrorCode.verb), ("HELLO", .key), ("HELLO\nVERSION=0", .version),
        ("HELLO\nVERSION=01", .key), ("HELLO\nVERSION=-1", .key), ("HELLO\nVERSION= 1", .key),
        ("HELLO\nVERSION=99999999999999999999", .key), ("HELLO\nVERSION=1\nSOCKETS=yes", .key),
        ("HELLO\nVERSION=1\nWORKERS=0", .key), ("FAILED", .key), ("SESSIONS", .key),
        ("SESSIONS\nCOUNT=many", .key), ("STORE", .key), ("STORE\nNAME=", .key),
        ("STORE\nNAME=a:b", .key), ("STORE\nNAME=é", .key), ("STORE\nNAME=a\nADD=0", .key),
        ("FORGET", .key), ("PIN\nLISTENER=0", .key), ("PIN\nPEER=1.2.3.4:5", .key),
        ("LINK", .key), ("LINK\nTO=past", .key), ("LINK\nTO=1\nWORKER=x", .key),
        ("READY\nID=x", .key), ("READY\nID=9223372036854775808", .key), ("WELCOME", .verb),
    ])
    func whatMakesNoSenseIsRefused(text: String, code: ChannelErrorCode) {
        let fault = #expect(throws: ChannelFault.self) {
            try WorkerRequest(parsing: Array(text.utf8))
        }
        #expect(fault?.code == code)
    }

    @Test func aRefusalCarriesTheNumberOfItsRequest() {
        let fault = #expect(throws: ChannelFault.self) {
            try WorkerRequest(parsing: Array("LINK\nTO=past\nID=44".utf8))
        }
        #expect(fault?.id == 44)
    }

    @Test func anUnknownKeyIsLetPass() throws {
        let request = try WorkerRequest(parsing: Array("READY\nCOLOUR=green\nID=1".utf8))
        #expect(request == WorkerRequest(.ready(), id: 1))
    }

    @Test func textForPeopleCannotMoveATerminalsCursor() throws {
        let bytes = Array("FAILED\nREASON=a".utf8) + [0xc2, 0x9b] + Array("31mb".utf8) + [0xff]
        let request = try WorkerRequest(parsing: bytes)
        #expect(request.message == .failed(reason: "a\u{fffd}31mb\u{fffd}"))
        let long = "FAILED\nREASON=" + String(repeating: "x", count: 513)
        #expect(throws: ChannelFault.self) { try WorkerRequest(parsing: Array(long.utf8)) }
    }
}
