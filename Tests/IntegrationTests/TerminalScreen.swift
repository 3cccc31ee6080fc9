import FoundationEssentials
import Kernel
import TestKit
import Testing

/// A real terminal that a test types into and reads the screen of.
final class TerminalScreen {
    private let socket: String
    private let environment: [String]
    private let folder: TemporaryFolder

    private struct NotShown: Error { let screen: [String] }

    /// - Parameters:
    ///   - environment: of what runs on it.
    ///   - program: what runs on it, without a shell that could have it go on; nil: a shell.
    init(_ environment: [String], columns: Int = 80, rows: Int = 24, program: String? = nil) throws
    {
        folder = try TemporaryFolder()
        socket = folder.file("tmux")
        let names = ["TERM=", "LC_ALL=", "TMUX=", "NO_COLOR="]
        self.environment =
            ["TERM=xterm-256color", "LC_ALL=C.UTF-8"]
            + environment.filter { line in !names.contains { line.hasPrefix($0) } }
        try run(
            "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
            "exec \(program ?? "env PS1=ready: sh")")
        guard program == nil else { return }
        guard try shows("ready:") else { throw NotShown(screen: try text()) }
    }

    deinit { _ = try? run("kill-server") }

    @discardableResult
    func run(_ arguments: String...) throws -> [String] {
        try Finished.running(["tmux", "-S", socket] + arguments, environment: environment).output
    }

    /// Types keys by the names that tmux has for them, or text.
    func type(_ keys: String...) throws {
        for key in keys { try run("send-keys", key) }
    }

    func resize(columns: Int, rows: Int) throws {
        try run("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// What stands on it.
    func text() throws -> [String] { try run("capture-pane", "-p") }

    /// The same with what makes it bold or coloured.
    func styledText() throws -> [String] { try run("capture-pane", "-p", "-e") }

    /// Whether all of these stand on it, some time soon; what does instead is told.
    func shows(
        _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Bool {
        let missing = { (lines: [String]) in
            words.filter { word in !lines.contains { $0.contains(word) } }
        }
        if try eventually({ missing(try text()).isEmpty }) { return true }
        let lines = try text()
        Issue.record(
            "not shown: \(missing(lines)) in\n\(lines.joined(separator: "\n"))",
            sourceLocation: sourceLocation)
        return false
    }

    /// Begins a live view in the shell, and keeps how the terminal was before and is after it.
    func beginTop(_ options: String = "") throws {
        let (before, after) = (folder.file("before"), folder.file("after"))
        let relevo = try Programs.path("relevo")
        try type(
            "stty -g >\(before); \(relevo) top \(options) & "
                + "echo $! >\(folder.file("pid")); fg >/dev/null; "
                + "echo ended $?; stty -g >\(after).new; mv \(after).new \(after)", "Enter")
    }

    /// Whether the live view has ended with this code and left the terminal as it was.
    func hasEnded(
        _ code: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Bool {
        guard try shows("ended \(code)", sourceLocation: sourceLocation),
            try eventually({ try FileStatus(of: folder.file("after")) != nil })
        else { return false }
        let flags = try run("display-message", "-p", "#{alternate_on} #{cursor_flag} #{wrap_flag}")
        return try readFile(folder.file("before")) == readFile(folder.file("after"))
            && flags == ["0 1 1"]
    }

    /// The live view's process.
    func viewer() throws -> ProcessHandle {
        let text = String(decoding: try readFile(folder.file("pid")), as: UTF8.self)
        return try ProcessHandle(opening: try #require(Int32(text.filter(\.isNumber))))
    }

    /// The process that was started on it.
    func program() throws -> ProcessHandle {
        let text = try run("display-message", "-p", "#{pane_pid}").joined()
        return try ProcessHandle(opening: try #require(Int32(text)))
    }
}
