/// What `pod run` prints.
package struct BenchPod: Decodable {
    package var pod: String
    package var container: String
    package var uid: String
    package var pid: Int32?
    package var pausePid: Int32
    package var logDirectory: String
}
