import CKernel
import Glibc

/// What a process owes to children that it may not know (PR_SET_CHILD_SUBREAPER, waitid(2)).
package enum Reaping {
    /// Makes this process the parent of all its descendants that lose theirs.
    package static func adoptOrphans() throws(KernelError) {
        try check("prctl PR_SET_CHILD_SUBREAPER") { relevo_become_subreaper() }
    }

    /// A child that has ended and is not reaped yet, which it stays; nil when there is none.
    package static func deadChild() throws(KernelError) -> Int32? {
        let pid = try check("waitid") { relevo_find_dead_child() }
        return pid == 0 ? nil : pid
    }

    /// The children of this thread, those that have ended included (proc_tid_children(5)).
    package static func children() throws(KernelError) -> [Int32] {
        ProcessView.processes(try readFile("/proc/thread-self/children"))
    }

    /// How the entry of a worker's environment begins by which what it starts is known as its own.
    private static let markStart = "NOTIFY_SOCKET="

    /// That entry.
    package static func mark(in environment: [String]) -> String? {
        environment.last { $0.hasPrefix(markStart) }
    }

    /// That entry, for a socket at this path, or how it begins for those in a folder.
    package static func mark(of path: String) -> String { markStart + path }

    /// The folder of the socket that a mark names; nil for one without.
    package static func folder(ofMark mark: String) -> String? {
        guard let begin = mark.firstIndex(of: "/"), let end = mark.lastIndex(of: "/") else {
            return nil
        }
        return String(mark[begin..<end])
    }

    /// Ends a child, which nobody has reaped, and the process group that it leads.
    package static func endChild(_ pid: Int32) {
        _ = kill(-pid, SIGKILL)
        _ = kill(pid, SIGKILL)
    }

    /// Sends a signal to a process group; nothing where it is empty or all in it have ended.
    package static func signalGroup(_ group: Int32, _ signal: Int32) {
        _ = kill(-group, signal)
    }

    /// Reaps a child that has ended and whose end interests nobody.
    package static func reap(_ pid: Int32) throws(KernelError) {
        try check("waitid", on: "\(pid)") { relevo_reap_number(pid) }
    }
}

/// Has all threads of this process allocate from one heap (mallopt(3), M_ARENA_MAX). Threads that come and go would
/// each leave one behind, with what they have freed in it.
package func shareOneHeap() { relevo_share_one_heap() }

/// Names this process in /proc and ps(1); the first 15 bytes count.
package func nameProcess(_ name: String) throws(KernelError) {
    try check("prctl PR_SET_NAME") { unsafe relevo_name_process(name) }
}
