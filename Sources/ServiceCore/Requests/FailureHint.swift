/// What a person may do about a generation that died before it was ready, as far as its last words tell.
struct FailureHint: Sendable {
    let text: String

    /// What programs say that find another of them alive.
    private static let lockWords = [
        "already running", "another instance", "another process", "pid file", "pidfile", "lock",
        "resource temporarily unavailable", "device or resource busy", "is running",
    ]
    private static let addressWords = ["address already in use", "eaddrinuse", "address in use"]

    /// - Parameters:
    ///   - reason: as the machine says it.
    ///   - lines: what the generation printed last.
    ///   - isAlone: no other generation lives, so that it cannot be in the way.
    init?(reason: String, lines: [String], isAlone: Bool) {
        let words = lines.joined(separator: "\n").lowercased()
        func says(_ any: [String]) -> Bool { any.contains { words.contains($0) } }
        if says(Self.addressWords) {
            text =
                "it was refused an address: --listen or --adopt for that one has all generations served"
        } else if !isAlone, says(Self.lockWords) {
            text =
                "it seems to find the old generation's lock or PID file: --private FOLDER gives each "
                + "generation a folder of its own there, --overlap no stops the old one first"
        } else if reason.contains("exited with status 0 before") {
            text =
                "a program that goes into the background is lost sight of: have it stay in the "
                + "foreground"
        } else {
            return nil
        }
    }
}
