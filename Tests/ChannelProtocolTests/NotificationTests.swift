import ChannelProtocol
import TestSeeds
import Testing

@Suite struct NotificationTests {
    private func parse(_ text: String) throws -> Notification {
        try Notification(parsing: Array(text.utf8))
    }

    @Test func everyKnownKeyIsUnderstood() throws {
        let said = try parse(
            """
            READY=1
            STATUS=Serving 3 zones
            RELOADING=1
            STOPPING=1
            MONOTONIC_USEC=17
            EXTEND_TIMEOUT_USEC=2500000
            WATCHDOG=1
            WATCHDOG_USEC=30000000
            MAINPID=4711
            ERRNO=98
            FDSTORE=1
            FDSTOREREMOVE=1
            FDNAME=flows
            FDPOLL=0
            BARRIER=1
            """)
        var wanted = Notification()
        wanted.isReady = true
        wanted.status = "Serving 3 zones"
        wanted.isReloading = true
        wanted.isStopping = true
        wanted.monotonicTime = .microseconds(17)
        wanted.extendTimeout = .milliseconds(2500)
        wanted.watchdog = .alive
        wanted.watchdogInterval = .seconds(30)
        wanted.mainPID = 4711
        wanted.errno = 98
        wanted.storesDescriptors = true
        wanted.removesStored = true
        wanted.storedName = "flows"
        wanted.keepsHungUp = true
        wanted.isBarrier = true
        #expect(said == wanted)
    }

    @Test func anEmptyDatagramSaysNothing() throws {
        #expect(try parse("") == Notification())
        #expect(try parse("\n\n") == Notification())
    }

    @Test func theTerminatorOfACStringIsAllowed() throws {
        #expect(try parse("READY=1\0").isReady)
    }

    @Test func aNulInsideRefusesTheWhole() {
        #expect(throws: NotificationError.embeddedNul) { try parse("READY=1\0\nSTOPPING=1") }
        #expect(throws: NotificationError.embeddedNul) { try parse("READY=1\0\0") }
    }

    @Test func aDatagramOverTheLimitIsRefused() throws {
        let longest = Array("STATUS=".utf8) + Array(repeating: UInt8(ascii: "x"), count: 4089)
        #expect(try Notification(parsing: longest).status?.utf8.count == 4089)
        #expect(throws: NotificationError.tooLong(bytes: 4097)) {
            try Notification(parsing: longest + [UInt8(ascii: "x")])
        }
    }

    @Test func unknownKeysAreKeptInOrder() throws {
        let said = try parse("X_SESSIONS=12\nREADY=1\nX_NOTE=a=b\nX_SESSIONS=13")
        #expect(said.isReady)
        #expect(
            said.unknown == [
                NotificationField("X_SESSIONS", "12"), NotificationField("X_NOTE", "a=b"),
                NotificationField("X_SESSIONS", "13"),
            ])
    }

    @Test func theFirstOfTwoCounts() throws {
        #expect(try parse("STATUS=one\nSTATUS=two").status == "one")
    }

    @Test(arguments: [
        "READY=yes", "MAINPID=0", "MAINPID=-3", "MAINPID=99999999999", "EXTEND_TIMEOUT_USEC=1s",
        "EXTEND_TIMEOUT_USEC=", "EXTEND_TIMEOUT_USEC=18446744073709551615", "WATCHDOG=maybe",
        "WATCHDOG_USEC=+5", "FDNAME=a:b", "FDNAME=", "FDNAME=é", "ERRNO=0x3",
    ])
    func aValueThatMakesNoSenseHasNoEffect(line: String) throws {
        var said = try parse(line)
        #expect(said.malformed.count == 1)
        said.malformed = []
        #expect(said == Notification())
    }

    @Test func readyZeroIsNotReady() throws {
        let said = try parse("READY=0")
        #expect(!said.isReady)
        #expect(said.malformed.isEmpty)
    }

    @Test func aLineWithoutEqualsIsMalformed() throws {
        #expect(try parse("READY").malformed == [NotificationField("READY", "")])
    }

    @Test func statusCannotCarryTerminalSequencesOrBrokenText() throws {
        let bytes = Array("STATUS=a\u{1b}[31mb".utf8) + [0xff, 0xc3]
        #expect(
            try Notification(parsing: bytes).status == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}")
    }

    @Test func anEmptyStatusTakesTheLastOneBack() throws {
        #expect(try parse("STATUS=").status == "")
    }

    @Test func watchdogTriggerIsTold() throws {
        #expect(try parse("WATCHDOG=trigger").watchdog == .trigger)
    }

    @Test func randomBytesNeverTrapAndNeverGrow() {
        var random = SeededGenerator(seed: 7)
        let words = ["READY=1", "STATUS=", "MAINPID=", "\n", "=", "FDNAME=", "WATCHDOG_USEC="]
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                if Bool.random(using: &random) {
                    bytes += Array(words.randomElement(using: &random, or: "").utf8)
                } else {
                    bytes.append(UInt8.random(in: 0...255, using: &random))
                }
            }
            guard let said = try? Notification(parsing: bytes) else {
                #expect(bytes.dropLast().contains(0) || bytes.suffix(2) == [0, 0])
                continue
            }
            #expect(said.unknown.count + said.malformed.count <= bytes.count)
            if let pid = said.mainPID { #expect(pid > 0) }
        }
    }
}

extension Collection {
    fileprivate func randomElement(
        using random: inout some RandomNumberGenerator, or fallback: Element
    ) -> Element { randomElement(using: &random) ?? fallback }
}
