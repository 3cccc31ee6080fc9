import ControlProtocol
import Testing

struct ReplyTests {
    @Test func theStatusIsTheJSONOfTheDesignInItsOrder() {
        let expected =
            #"{"name":"echo","pid":7,"version":"0.1.0","current":2,"#
            + #""listeners":[{"address":"udp://127.0.0.1:4433","steering":"flow","#
            + #""counters":{"datagrams":10,"pinned":8,"newFlows":2,"fallback":0,"evicted":0,"#
            + #""unrecorded":0,"drops":0,"possibleDrops":null,"rules":null},"steeringReason":null,"flows":null,"problems":null,"isHarmed":null}],"#
            + #""generations":[{"id":1,"state":"draining","command":["/bin/echo","a b"],"#
            + #""flows":12,"outside":{"connections":3,"connected":2,"ports":1},"workers":[{"index":0,"pid":8,"state":"ready","restarts":0,"#
            + #""sessions":null,"message":null,"cpuSeconds":1.5,"residentBytes":4096}],"drainSecondsLeft":null,"drainSecondsLikely":null,"#
            + #""origin":{"at":"2026-11-28T04:00:00.000Z","uid":1000,"message":"fix"},"#
            + #""program":{"path":"/bin/echo","since":1,"device":8,"inode":9,"size":10,"#
            + #""modified":"2026-11-27T04:00:00.000Z","buildID":"ab","sha256":null,"script":false,"#
            + #""held":true,"changed":null,"loadedNewer":null},"canary":null,"watch":null}],"#
            + #""handover":null,"#
            + #""lastHandover":{"from":1,"to":2,"result":"completed","reason":null,"#
            + #""phases":{"start":0.0,"ready":0.25,"canary":null,"flip":0.25,"drain":1.5,"retire":2.0},"#
            + #""cutFlows":0,"cutOutside":{"connections":0,"connected":0,"ports":0},"drops":0,"isDryRun":null,"watchEnd":null},"changedSettings":null,"#
            + #""tables":[{"flows":12,"capacity":1048576,"bytes":33554432,"listeners":["udp://127.0.0.1:4433"]}],"#
            + #""tally":{"handovers":{"completed":0,"incomplete":0,"failed":0,"rolledBack":0,"aborted":0,"dryRunPassed":0,"dryRunFailed":0},"phases":["#
            + ["start", "ready", "canary", "flip", "drain", "retire"].map {
                #"{"phase":"\#($0)","seconds":0.0,"counts":[0,0,0,0,0,0,0,0,0,0,0,0]}"#
            }.joined(separator: ",")
            + #"],"workerRestarts":0},"#
            + #""supervisor":{"cpuSeconds":0.5,"residentBytes":18000000,"descriptors":40,"descriptorLimit":65536,"log":null}}"#
        #expect(OrderedJSON.text(sampleStatus) == expected)
    }

    @Test func theStatusIsReadBackAsItWasSent() throws {
        let frame = try onlyFrame(ControlReply.status(sampleStatus).frame())
        let answer = try ControlAnswer<StatusReply>.decode(frame)
        #expect(answer.parameters.status == sampleStatus)
        #expect(!answer.continues)
    }

    @Test func aStatusOfANewerSupervisorIsUnderstood() throws {
        let json = """
            {"parameters":{"status":{"name":"x","pid":1,"version":"9","current":null,"more":{},
            "listeners":[],"generations":[{"id":1,"state":"hibernating","command":[],"flows":0,
            "workers":[],"colour":"red"}]}},"later":1}
            """
        let status = try ControlAnswer<StatusReply>.decode(Array(json.utf8)).parameters.status
        #expect(status.generations.map(\.state.rawValue) == ["hibernating"])
    }

    @Test func theEventLeavesOutWhatItDoesNotSay() {
        let event = ServiceEvent(
            time: Timestamp.text(.seconds(951_827_696) + .milliseconds(7)), kind: .workerReady,
            generation: 2, worker: 0, pid: 99)
        #expect(
            OrderedJSON.text(event, nulls: false)
                == #"{"time":"2000-02-29T12:34:56.007Z","kind":"workerReady","generation":2,"#
                + #""worker":0,"pid":99}"#)
    }

    @Test func progressContinuesAndTheLastReplyDoesNot() throws {
        let progress = OperationReply(
            progress: OperationProgress(
                phase: .drain, over: false, generation: 2, seconds: 1.5, flowsLeft: 3))
        let frame = try onlyFrame(ControlReply.operation(progress).frame(continues: true))
        let answer = try ControlAnswer<OperationReply>.decode(frame)
        #expect(answer.continues)
        #expect(answer.parameters == progress)
        let last = try onlyFrame(ControlReply.operation(OperationReply(generation: 2)).frame())
        #expect(text(last) == #"{"parameters":{"generation":2}}"#)
    }

    static let errors: [ControlError] = [
        .interfaceNotFound("a"), .methodNotFound("a.B"), .methodNotImplemented("a.B"),
        .invalidParameter("x"), .expectedMore, .permissionDenied, .notPermitted(reason: "n"),
        .upgradeFailed(reason: "exited with 3", output: ["line 1", "\u{7}"]),
        .handoverInProgress(reason: "1 to 2"), .nothingToRollBackTo, .refused(reason: "r"),
        .shuttingDown,
    ]

    @Test(arguments: errors)
    func anErrorIsReadBackAsItWasSent(error: ControlError) throws {
        let frame = try onlyFrame(ControlReply.error(error).frame())
        #expect(throws: AnswerFault.error(error)) {
            try ControlAnswer<DoneReply>.decode(frame)
        }
    }

    @Test func anUnknownErrorKeepsItsName() {
        let json = #"{"error":"org.relevo.Supervisor.Later","parameters":{"reason":7}}"#
        #expect(throws: AnswerFault.error(.unknown(name: "org.relevo.Supervisor.Later"))) {
            try ControlAnswer<DoneReply>.decode(Array(json.utf8))
        }
    }

    @Test func whatNeedsNoStateIsAnsweredWithoutTheSupervisor() throws {
        let info = try #require(ControlReply(answering: .getInfo))
        #expect(text(try onlyFrame(info.frame())).contains("org.relevo.Supervisor"))
        #expect(
            ControlReply(answering: .getInterfaceDescription(interface: "org.x"))
                == .error(.interfaceNotFound("org.x")))
        #expect(ControlReply(answering: .getStatus) == nil)
    }

    @Test func whatIsNoNumberForJSONIsNull() {
        #expect(OrderedJSON.text([Double.infinity, .nan, 1e-7]) == "[null,null,1e-07]")
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (1_582_934_400, "2020-02-29T00:00:00.000Z"),
        (1_767_225_599, "2025-12-31T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
    ])
    func timesAreDatesOfTheCalendar(seconds: Int64, text: String) {
        #expect(Timestamp.text(.seconds(seconds)) == text)
    }

    @Test(arguments: [
        Int64(0), 951_782_400, 951_868_800, 1_709_208_000, 1_796_000_000, 253_402_300_799,
    ])
    func aTimeIsReadAsItIsWritten(seconds: Int64) {
        let time = Duration.seconds(seconds) + .milliseconds(7)
        #expect(Timestamp.read(Timestamp.text(time)) == time)
    }

    @Test(arguments: [
        "", "Z", "2026-11-29T01:02:03.004", "2026-13-29T01:02:03Z", "2026-11-29 01:02:03Z",
        "2026-11-29T01:02:0éZ", "1969-11-29T01:02:03Z", "2026-11-29T24:02:03Z",
    ])
    func whatIsNoTimeIsNotReadAsOne(text: String) { #expect(Timestamp.read(text) == nil) }
}
