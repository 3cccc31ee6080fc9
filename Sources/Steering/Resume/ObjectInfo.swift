import CBPF
import Kernel

/// Asks the kernel what a BPF map or program is; whoever has its descriptor may.
///
/// - Parameter info: room for `size` bytes, a `bpf_map_info` or `bpf_prog_info`.
func askObjectInfo(
    of object: borrowing OwnedDescriptor, into info: UnsafeMutableRawPointer, size: Int
) throws(KernelError) {
    try object.withRaw { (number) throws(KernelError) in
        var length = UInt32(size)
        _ = try check("bpf BPF_OBJ_GET_INFO_BY_FD") {
            unsafe bpf_obj_get_info_by_fd(number, info, &length) < 0 ? -1 : 0
        }
    }
}

/// The kernel's number of a BPF map.
func mapID(of map: borrowing OwnedDescriptor) throws(KernelError) -> UInt32 {
    var info = bpf_map_info()
    try unsafe askObjectInfo(of: map, into: &info, size: MemoryLayout<bpf_map_info>.size)
    return info.id
}
