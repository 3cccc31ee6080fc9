import CKernel

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

    /// Reaps a child that has ended and whose end interests nobody.
    package static func reap(_ pid: Int32) throws(KernelError) {
        try check("waitid", on: "\(pid)") { relevo_reap_number(pid) }
    }
}

/// Names this process in /proc and ps(1); the first 15 bytes count.
package func nameProcess(_ name: String) throws(KernelError) {
    try check("prctl PR_SET_NAME") { unsafe relevo_name_process(name) }
}
