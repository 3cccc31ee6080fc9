import ControlProtocol
import HandoverCore
import ServiceCore

extension Shell {
    /// What the status shows of a generation's program.
    func program(of generation: Generation) -> ProgramStatus? {
        guard let number = generation.launch.program,
            let program = conductor.service.programs[number],
            let file = program.executable
        else { return nil }
        let change = generation.isOver ? nil : HeldPrograms.change(of: program)
        return ProgramStatus(
            path: file.path, since: number.number, device: Int(clamping: file.facts.device),
            inode: Int(clamping: file.facts.inode), size: Int(clamping: file.facts.size),
            modified: Timestamp.text(.nanoseconds(Int64(clamping: file.facts.modified))),
            buildID: program.buildID, sha256: program.sha256, script: program.isScript,
            held: port.programs.isHeld(number), changed: change?.text,
            loadedNewer: generation.isOver ? nil : port.programs.loaded.replaced(of: number))
    }
}

extension OriginStatus {
    init(_ origin: Origin) {
        self.init(
            at: origin.at.map { Timestamp.text(.seconds(Int64(clamping: $0))) },
            uid: origin.uid.map { Int($0) }, message: origin.message)
    }
}
