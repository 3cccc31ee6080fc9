import CKernel

extension Capabilities {
    /// Gives up all capabilities of the calling thread but these, for good; a process that does so
    /// before it starts threads has given up its own.
    package static func keepInThread(_ kept: [Capability]) throws(KernelError) {
        let bits = kept.reduce(UInt64(0)) { $0 | 1 << UInt64($1.rawValue) }
        try check("capset") { relevo_keep_capabilities(bits) }
    }
}
