import CMicrohttpd

/// What a client asks for.
package struct HTTPRequest: Equatable, Sendable {
    /// Without what follows a question mark.
    package let path: String
    /// The value of the field Accept.
    package let accept: String?
}

/// What clients get: one in memory, however many of them read it, and however slowly.
package final class HTTPResponse {
    let status: UInt32
    /// The library's; 0 without memory for it.
    let made: UInt

    package init(
        status: UInt32 = 200, mediaType: String = "text/plain; charset=utf-8", body: [UInt8]
    ) {
        self.status = status
        made = unsafe body.withUnsafeBytes {
            unsafe relevo_http_response($0.baseAddress, $0.count, mediaType)
        }
    }

    package convenience init(status: UInt32 = 200, _ text: String) {
        self.init(status: status, body: Array("\(text)\n".utf8))
    }

    deinit { if made != 0 { relevo_http_release(made) } }
}
