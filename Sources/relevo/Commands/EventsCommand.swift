import ArgumentParser
import ControlProtocol

/// `relevo events`
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Follows what happens to a service, one JSON object a line.",
        discussion: """
            Ends with Ctrl-C, when its reader goes away, or with the service.

              relevo events dns
              relevo events | jq -c 'select(.kind == "workerExited")'

            relevo-json(5) has the fields of an event.
            """)

    @OptionGroup var service: ServiceOptions

    func run() throws {
        let connection = try ServiceConnection.open(service, toAct: false)
        try connection.catchInterrupts()
        connection.catchClosedOutput()
        try connection.send(ControlCall(.events, more: true))
        while true {
            let frame: [UInt8]
            do throws(Failure) {
                frame = try connection.frame()
            } catch {
                guard error.status == .interrupted else { throw error }
                return
            }
            let continues: Bool
            do throws(AnswerFault) {
                continues = try ControlAnswer<DoneReply>.decode(frame).continues
            } catch {
                throw Failure(error)
            }
            if let event = RawJSON.value(under: ["parameters", "event"], in: frame),
                !Console.say(String(decoding: event, as: UTF8.self))
            {
                return
            }
            if !continues { return }
        }
    }
}
