import Keeper
import Kernel
import Logging

/// What a supervisor needs before it knows whether it begins or goes on.
struct StartContext {
    let runtime: RuntimeDirectory
    let log: Logger
    let loop: EventLoop
    let vault: Vault
    let keeper: KeeperLink
    /// Where this program was started from.
    let executable: String
    /// Whether the service manager holds the keeper's life line already.
    var holdsLifeLine = false
}
