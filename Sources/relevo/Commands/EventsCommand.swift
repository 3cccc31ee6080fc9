import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo events`
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Follows what happens to a service, one JSON object a line, or as text.",
        discussion: """
            Ends with Ctrl-C, when its reader goes away, or with the service. With --all each object has the \
            service's name as its first field, each line of text begins with it, and services that come \
            later are followed as well (with -H within half a minute).

              relevo events dns
              relevo events dns --text
              relevo events --all | jq -c 'select(.kind == "workerExited")'

            relevo-json(5) has the fields of an event.
            """)

    @OptionGroup var service: ServiceOptions

    @Flag(help: "Lines for people.")
    var text = false

    @Flag(help: "JSON, as without --text.")
    var json = false

    @Flag(help: "All services that may be asked from here.")
    var all = false

    func validate() throws {
        if all && (service.name != nil || service.control != nil) {
            throw ValidationError("--all goes with neither a name nor --control")
        }
        if text, json { throw ValidationError("--text and --json do not go together") }
    }

    func run() throws {
        guard all else { return try follow() }
        let paths = try RemoteService.allPaths()
        do throws(KernelError) {
            try EventsOfAll(of: paths) { name, frame in tell(frame, of: name) }.run()
        } catch {
            throw Failure(error)
        }
    }

    private func follow() throws {
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
            if !tell(frame, of: nil) || !continues { return }
        }
    }

    /// - Returns: false when nobody reads any more.
    private func tell(_ frame: [UInt8], of name: String?) -> Bool {
        guard let event = RawJSON.value(under: ["parameters", "event"], in: frame) else {
            return true
        }
        if text {
            guard let event = try? decodeJSON(ServiceEvent.self, from: event) else { return true }
            return Console.say((name.map { "\($0): " } ?? "") + EventText.line(event))
        }
        guard let name, event.first == UInt8(ascii: "{") else {
            return Console.say(String(decoding: event, as: UTF8.self))
        }
        let rest = String(decoding: event.dropFirst(), as: UTF8.self)
        return Console.say("{\"service\":\(OrderedJSON.text(name)),\(rest)")
    }
}
