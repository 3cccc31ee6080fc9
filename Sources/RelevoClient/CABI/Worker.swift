// relevo.h documents what is public here, and the compiler holds it to that.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import CRelevo
internal import CRelevoClient

@c @implementation
public func relevo_open(
    _ options: UnsafePointer<relevo_options>?, _ worker: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
    told { () throws(RelevoError) in
        guard let worker = unsafe worker else { throw RelevoError(.openChannel, .invalid) }
        var wishes = JoinWishes()
        var time = limit(30_000)
        if let options = unsafe options?.pointee {
            if unsafe options.group != nil { unsafe wishes.group = text(options.group) }
            if unsafe options.command != nil { unsafe wishes.command = text(options.command) }
            if unsafe options.workers > 0 { unsafe wishes.workers = UInt64(options.workers) }
            if unsafe options.timeout != 0 { time = unsafe limit(options.timeout) }
        }
        let core = try WorkerCore.start(.look(), joining: wishes, within: time)
        unsafe worker.pointee = OpaquePointer(Unmanaged.passRetained(core).toOpaque())
        return 0
    }
}

@c @implementation
public func relevo_close(_ worker: OpaquePointer?) {
    guard let worker = unsafe worker else { return }
    unsafe Unmanaged<WorkerCore>.fromOpaque(UnsafeRawPointer(worker)).release()
}

@c @implementation
public func relevo_supervised(_ worker: OpaquePointer?) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in core.isSupervised ? 1 : 0 }
}

@c @implementation
public func relevo_generation(_ worker: OpaquePointer?) -> UInt64 {
    unsafe standing(worker).generation
}

@c @implementation
public func relevo_index(_ worker: OpaquePointer?) -> UInt64 { unsafe standing(worker).worker }

@c @implementation
public func relevo_workers(_ worker: OpaquePointer?) -> UInt64 { unsafe standing(worker).workers }

private func standing(_ worker: OpaquePointer?) -> Standing {
    guard let worker = unsafe worker else { return Standing() }
    let object = unsafe Unmanaged<WorkerCore>.fromOpaque(UnsafeRawPointer(worker))
    return unsafe object.takeUnretainedValue().standing
}

@c @implementation
public func relevo_socket(
    _ worker: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ address: UnsafePointer<CChar>?
) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try unsafe core.takeSocket(text(name), orBind: text(address))
    }
}

@c @implementation
public func relevo_ready(_ worker: OpaquePointer?) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try core.ready()
        return 0
    }
}

@c @implementation
public func relevo_failed(_ worker: OpaquePointer?, _ reason: UnsafePointer<CChar>?) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try unsafe core.failed(text(reason), within: limit(5_000))
        return 0
    }
}

@c @implementation
public func relevo_sessions(_ worker: OpaquePointer?, _ count: UInt64) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try core.sessions(count)
        return 0
    }
}

@c @implementation
public func relevo_drained(_ worker: OpaquePointer?) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try core.drained()
        return 0
    }
}

@c @implementation
public func relevo_leave(_ worker: OpaquePointer?, _ timeout: Int32) -> Int32 {
    unsafe told(worker) { core throws(RelevoError) in
        try core.leave(within: limit(timeout))
        return 0
    }
}
