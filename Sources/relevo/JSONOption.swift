import ArgumentParser
import ControlProtocol

/// Whether a command says what it has done as JSON.
struct JSONOption: ParsableArguments {
    @Flag(
        help:
            "Print one JSON object in the end; fields may be added in later versions, none goes away."
    )
    var json = false

    /// Prints a line for people, unless an object is wanted.
    func say(_ line: @autoclosure () -> String) { if !json { Console.say(line()) } }

    /// Prints the object, if it is wanted.
    func give(_ object: some Encodable) { if json { Console.say(Self.text(object)) } }

    /// Prints what a supervisor has answered, with what only a newer one knows: its parameters, or the error's
    /// name beside them.
    func give(answer frame: [UInt8]) {
        guard json else { return }
        let isError = RawJSON.value(under: ["error"], in: frame).map { $0 != Array("null".utf8) }
        let raw = isError == true ? frame : RawJSON.value(under: ["parameters"], in: frame)
        Console.say(RawJSON.indented(raw ?? Array("{}".utf8)))
    }

    static func text(_ object: some Encodable) -> String {
        RawJSON.indented(OrderedJSON.bytes(object, nulls: true))
    }
}
