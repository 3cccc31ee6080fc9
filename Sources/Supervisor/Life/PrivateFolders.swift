import HandoverCore
import Kernel

/// The folders that the workers of one generation see at the paths of `Private=`, all of them the same:
/// empty when the generation begins, gone with its end.
struct PrivateFolders {
    /// Below it each generation has a folder, and in that one for each path.
    let base: String

    /// Where those of a generation are.
    func path(of generation: GenerationID) -> String { "\(base)/\(generation.number)" }

    /// Makes those of a generation that are not there yet, with owner and mode of what they hide.
    func prepare(_ paths: [String], of generation: GenerationID) throws {
        guard !paths.isEmpty else { return }
        let folder = path(of: generation)
        try makeFolders(folder, mode: 0o700)
        for path in paths {
            guard let hidden = try FileStatus(of: path), hidden.kind == .folder else {
                throw SupervisorError("private folder \(path): there is no such folder to hide")
            }
            let made = "\(folder)/\(SpawnPlan.privateName(of: path))"
            guard try FileStatus(of: made, followingLinks: false) == nil else { continue }
            // Under its name it is as it is to be.
            let draft = "\(folder)/new"
            try removeTree(draft)
            try makeFolder(draft, mode: 0o700)
            try changeOwner(of: draft, uid: hidden.uid, gid: hidden.gid)
            try changeMode(of: draft, to: hidden.mode)
            try renameFile(draft, to: made)
        }
    }

    /// A generation has no process left.
    func remove(_ generation: GenerationID) throws(KernelError) {
        try removeTree(path(of: generation))
    }

    /// Removes those of generations that are no more: a predecessor may have been cut short.
    func remove(allBut generations: Set<GenerationID>) throws(KernelError) {
        guard try FileStatus(of: base) != nil else { return }
        let wanted = Set(generations.map { "\($0.number)" })
        for name in try listFolder(base) where !wanted.contains(name) {
            try removeTree("\(base)/\(name)")
        }
    }
}
