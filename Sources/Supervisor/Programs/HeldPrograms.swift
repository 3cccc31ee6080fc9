import HandoverCore
import Kernel
import ServiceCore
import Settings

/// The owner of the programs' files: holds each executable open, so that a worker that is started again,
/// or a rollback, runs the file that the generation began with, whatever has its name by then.
final class HeldPrograms {
    /// A larger file has its size and times, and mostly a build id: hashing it would hold up the loop.
    private static let mostHashed: UInt64 = 1 << 20
    /// Arguments that are looked at.
    private static let mostArguments = 32

    private let vault: Vault
    private let runtime: RuntimeDirectory
    /// What relative commands are relative to, as it was named when this process began.
    private let folder: String
    private var held: [GenerationID: SharedDescriptor] = [:]
    /// Of which programs it was told in what way they are not what they were.
    private var told: [GenerationID: Set<String>] = [:]
    let loaded: LoadedFiles
    var warned: (String, WorkerID?) -> Void = { _, _ in }

    init(_ runtime: RuntimeDirectory, _ vault: Vault, in loop: EventLoop) {
        loaded = LoadedFiles(in: loop)
        self.runtime = runtime
        self.vault = vault
        folder = (try? namedCurrentFolder()) ?? "/"
    }

    // MARK: Finding

    /// Finds what a command means now, and holds it; nil where that cannot be told: then a start says why.
    func find(
        _ number: GenerationID, _ command: [String], _ settings: ServiceSettings
    ) -> Program? {
        look(command, settings) { hold($0, as: number) }
    }

    /// Finds what a command means now; `take` may hold it.
    func look(
        _ command: [String], _ settings: ServiceSettings,
        take: (SharedDescriptor) -> Void = { _ in }
    ) -> Program? {
        let base = settings.workingDirectory ?? folder
        guard let word = command.first,
            let found = word.contains("/")
                ? word : try? resolveExecutable(word, path: WorkerStart.searchPath(of: settings))
        else { return nil }
        let path = Self.absolute(found, base)
        guard let file = try? HeldFile(path),
            let status = try? file.status(), status.kind == .regular,
            let executable = Self.file(path, FileFacts(status))
        else { return nil }
        var program = Program(files: [executable])
        program.files += Self.arguments(command.dropFirst(), base)
        program.isScript = file.bytes(2, at: 0) == Array("#!".utf8)
        program.buildID = BuildID.find { file.bytes($1, at: $0) }
        if program.buildID == nil, UInt64(status.size) <= Self.mostHashed {
            let bytes = file.bytes(Int(status.size), at: 0)
            if bytes.count == Int(status.size) { program.sha256 = SHA256.digest(of: bytes) }
        }
        if let shared = try? SharedDescriptor(duplicateOf: file) { take(shared) }
        return program
    }

    private func hold(_ file: SharedDescriptor, as number: GenerationID) {
        held[number] = file
        vault.keep(file, as: .program(number))
    }

    /// The files of code that a command names as arguments, as `python3 server.py` does.
    private static func arguments(
        _ words: ArraySlice<String>, _ base: String
    ) -> [ProgramFile] {
        words.prefix(mostArguments).compactMap { word in
            guard ProgramFile.isCode(word) else { return nil }
            let path = absolute(word, base)
            guard let status = try? FileStatus(of: path), status.kind == .regular else {
                return nil
            }
            return file(path, FileFacts(status))
        }
    }

    private static func file(_ named: String, _ facts: FileFacts) -> ProgramFile? {
        let parts = named.split(separator: "/")
        guard let name = parts.last, let path = try? realPath(named),
            let folder = try? realPath("/" + parts.dropLast().joined(separator: "/"))
        else { return nil }
        let place = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
        return ProgramFile(named: named, place: place, path: path, facts: facts)
    }

    private static func absolute(_ path: String, _ base: String) -> String {
        path.hasPrefix("/") ? path : "\(base)/\(path)"
    }

    /// What a path leads to now.
    static func facts(_ path: String) -> FileFacts? {
        guard let status = (try? FileStatus(of: path)) ?? nil, status.kind == .regular else {
            return nil
        }
        return FileFacts(status)
    }

    // MARK: Holding

    func takeUp(_ file: consuming OwnedDescriptor, as number: GenerationID) {
        held[number] = SharedDescriptor(file)
    }

    func forget(_ number: GenerationID) {
        held[number] = nil
        told[number] = nil
        loaded.forget(number)
        vault.forget(.program(number))
    }

    /// Keeps all of them in a place that has come later.
    func keep(in place: any VaultPlace) {
        for (number, file) in held { vault.keep(file, as: .program(number), in: place) }
    }

    // MARK: Running

    /// What is executed for a worker.
    ///
    /// - Parameter spare: a descriptor's number that is free in the worker.
    func source(
        _ number: GenerationID, _ program: Program, for id: WorkerID, spare: Int32
    ) -> HeldSource? {
        guard let executable = program.executable else { return nil }
        let source = ProgramSource(
            executable, isHeld: held[number] != nil, facts: { Self.facts($0) })
        if let loss = loss(of: program, number) {
            tell(
                number, id,
                "\(loss.text): what generation \(number) began with is held by nobody, and its workers run "
                    + "what is there now")
        }
        switch source {
        case .path(let path), .replacement(let path): return HeldSource(path: path)
        case .held:
            guard let file = held[number] else { return nil }
            tell(
                number, id,
                "\(executable.path) is another file now, or gone: workers run the one that generation "
                    + "\(number) began with; its "
                    + (program.isScript ? "interpreter and modules" : "libraries")
                    + " cannot be held and are those on disk")
            let name = executable.place.split(separator: "/").last.map(String.init) ?? "program"
            return HeldSource(path: link(to: spare, named: name), file: file, number: spare)
        }
    }

    /// What of a program that is to be started again is not what it was, and held by nobody.
    func loss(of program: Program, _ number: GenerationID) -> ProgramChange? {
        ProgramChange.loss(
            of: program, isHeld: held[number] != nil, facts: { Self.facts($0) })
            ?? loaded.replaced(of: number).flatMap { ProgramChange(loaded: $0) }
    }

    private func tell(_ number: GenerationID, _ id: WorkerID, _ text: String) {
        // Of another process's files it is told anew.
        let mark = "\(loaded.process(of: number).map { "\($0)" } ?? "-") \(text)"
        if told[number, default: []].insert(mark).inserted { warned(text, id) }
    }

    /// A path that leads each process to its own descriptor of that number. So a worker is called what it
    /// was called before, and not by a number.
    private func link(to number: Int32, named name: String) -> String {
        let target = "/proc/self/fd/\(number)"
        let path = runtime.programLink(number, name)
        do throws(KernelError) {
            if try FileStatus(of: path, followingLinks: false) == nil {
                try makeFolders(String(path.dropLast(name.count + 1)), mode: 0o711)
                try makeLink(at: path, to: target)
            }
            return path
        } catch {
            return target
        }
    }

    // MARK: Telling

    /// How the files on disk differ from those of a program.
    static func change(of program: Program) -> ProgramChange? {
        ProgramChange.find(in: program, facts: { facts($0) })
    }

    func isHeld(_ number: GenerationID) -> Bool { held[number] != nil }
}

/// What a worker's process executes, with the descriptor that this needs.
struct HeldSource {
    let path: String
    var file: SharedDescriptor?
    var number: Int32 = 0
}

extension FileFacts {
    init(_ status: FileStatus) {
        self.init(
            device: status.device, inode: status.inode,
            size: UInt64(truncatingIfNeeded: status.size), modified: status.modified)
    }
}
