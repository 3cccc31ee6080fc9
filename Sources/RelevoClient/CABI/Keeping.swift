// relevo.h documents what is public here, and the compiler holds it to that.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

internal import CRelevo
internal import CRelevoClient

@c @implementation
public func relevo_store(
    _ worker: OpaquePointer?, _ name: UnsafePointer<CChar>?,
    _ numbers: UnsafePointer<Int32>?, _ count: Int, _ adding: Int32, _ timeout: Int32
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try unsafe core.store(
            descriptors(numbers, count), as: text(name), adding: adding != 0,
            within: limit(timeout))
        return 0
    }
}

@c @implementation
public func relevo_take(_ worker: OpaquePointer?, _ name: UnsafePointer<CChar>?) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        unsafe core.takeKept(text(name)) ?? -Int32(RELEVO_SYS_NO_ENTRY)
    }
}

@c @implementation
public func relevo_fetch(_ worker: OpaquePointer?, _ timeout: Int32) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try core.fetch(within: limit(timeout))
        return 0
    }
}

@c @implementation
public func relevo_forget(
    _ worker: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ timeout: Int32
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try unsafe core.forget(text(name), within: limit(timeout))
        return 0
    }
}
