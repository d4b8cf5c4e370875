using Microsoft.Extensions.Logging;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;

namespace SignerCluster.Journal.Policies;

/// <summary>
/// A file of policies that is read again every two seconds, so that what an operator writes into it is soon in force. What cannot be used leaves the earlier
/// policies in force, and the log says so. Safe for use by many threads.
/// </summary>
public sealed partial class PolicyFile : IDisposable
{
    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(2);
    private readonly string _path;
    private readonly ILogger<PolicyFile> _log;
    private readonly ITimer _timer;
    private byte[] _content;
    private volatile SpendingPolicies _policies;
    private string? _fault;

    private PolicyFile(string path, byte[] content, TimeProvider time, ILogger<PolicyFile> log)
    {
        (_path, _content, _log) = (path, content, log);
        _policies = SpendingPolicies.Parse(content, path);
        _timer = time.CreateTimer(static file => ((PolicyFile)file!).LookAgain(), this, _pace, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Reads the file for the first time. Throws as <see cref="SpendingPolicies.Load"/>.</summary>
    /// <param name="time">The clock that says when to look again.</param>
    public static PolicyFile Open(string path, TimeProvider time, ILogger<PolicyFile> log) => new(path, SpendingPolicies.Read(path), time, log);

    /// <summary>The policy of a group that is in force now.</summary>
    public SpendingPolicy Of(GroupId group) => _policies.Of(group);

    public void Dispose() => _timer.Dispose();

    private void LookAgain()
    {
        try
        {
            // The whole file, which is small: a time stamp may be that of another file.
            byte[] content = SpendingPolicies.Read(_path);
            if (!content.AsSpan().SequenceEqual(_content))
            {
                _policies = SpendingPolicies.Parse(content, _path);
                _content = content;
                LogTaken(_path);
            }

            _fault = null;
        }
        catch (DataDirectoryException fault)
        {
            if (fault.Message != _fault)
            {
                LogKept(fault.Message);
            }

            _fault = fault.Message;
        }

        // One look at a time.
        _timer.Change(_pace, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(LogLevel.Information, "The policies of {Path} changed and are in force")]
    private partial void LogTaken(string path);

    [LoggerMessage(LogLevel.Warning, "The policies that were read before stay in force: {Fault}")]
    private partial void LogKept(string fault);
}
