using System.ComponentModel;
using System.Security.Cryptography;

namespace SignerCluster.Journal.Providers;

/// <summary>
/// Asks a program, such as the client of a KMS, which prints the key as 64 hex digits and at most one line end and ends with exit code 0. It is started
/// directly, never by a shell, and must be named by an absolute path, so that no search path decides what runs.
/// <para>
/// It runs in its own session and process group, at the root directory, without input, and sees three variables: PATH (Debian's folders), LANG
/// (<c>C.UTF-8</c>) and our HOME. What else a client needs is given in the open: <c>["/usr/bin/env", "VAULT_ADDR=https://…", "/usr/local/bin/kms", "get"]</c>.
/// Its stderr goes to <c>/dev/null</c>, since nobody can tell whether it would show a key. Arguments are no place for secrets: every user sees them.
/// </para>
/// <para>
/// The answer is complete when everyone who could write to the output has closed it and the program has ended. Then, or as soon as there is more output
/// than a key, the time is up or the call is cancelled, the whole group is killed with SIGKILL, whatever its members ignore. A descendant that made
/// a session of its own is out of reach, and is not waited for.
/// </para>
/// </summary>
public sealed class CommandKeyProvider : IKeyProvider
{
    private static readonly TimeSpan _timeoutMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _timeoutMax = TimeSpan.FromSeconds(300);
    private readonly string[] _arguments;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <summary>
    /// Throws <see cref="KeyProviderException"/> (<c>key_provider_invalid</c>) when there is no program, its path is not absolute, or the timeout is not 1 to
    /// 300 seconds.
    /// </summary>
    /// <param name="arguments">The program's absolute path, and what it is given.</param>
    /// <param name="timeout">How long it may take in all.</param>
    public CommandKeyProvider(IReadOnlyList<string> arguments, TimeSpan timeout, TimeProvider time)
    {
        if (arguments is not [{ } program, ..] || !program.StartsWith('/')
            || arguments.Any(static argument => argument is null || argument.Contains('\0', StringComparison.Ordinal)))
        {
            throw new KeyProviderException(
                "key_provider_invalid", "The key provider command needs arguments, of which the first is the absolute path of a program.", isTransient: false);
        }

        if (timeout < _timeoutMin || timeout > _timeoutMax)
        {
            throw new KeyProviderException("key_provider_invalid", "The timeout of the key provider command is 1 to 300 seconds.", isTransient: false);
        }

        _arguments = [.. arguments];
        _timeout = timeout;
        _time = time;
    }

    /// <summary>How long a program may take where nothing else is said.</summary>
    public static TimeSpan DefaultTimeout => TimeSpan.FromSeconds(30);

    /// <summary>Lets tests see the memory that the output passed through, when the call is over.</summary>
    internal Action<ReadOnlySpan<byte>>? AfterWiping { get; init; }

    private string Program => _arguments[0];

    /// <summary>
    /// Runs the program once. When this returns or throws, its group was killed and its output zeroed.
    /// Throws <see cref="KeyProviderException"/>: <c>key_unavailable</c> when it does not start, fails or takes too long, <c>key_invalid</c> when it prints
    /// anything but a key.
    /// </summary>
    public async ValueTask<KeyEncryptionKey> FetchAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using CancellationTokenSource expiry = new(_timeout, _time);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, expiry.Token);

        // On a thread of its own: it waits for minutes, and the output never leaves its stack.
        return await Task.Factory.StartNew(
            () => Fetch(stop.Token, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public override string ToString() => $"command {Program}";

    private KeyEncryptionKey Fetch(CancellationToken stop, CancellationToken cancellation)
    {
        Span<byte> text = stackalloc byte[KeyText.Room];
        try
        {
            int length = Run(text, stop, cancellation);
            return KeyText.Take(text[..length])
                ?? throw new KeyProviderException("key_invalid", $"{Program} did not print a key of 64 hex digits and nothing else.", isTransient: false);
        }
        catch (Win32Exception fault)
        {
            bool isWrongProgram = fault.NativeErrorCode is LibC.NoEntry or LibC.AccessDenied or LibC.NotADirectory or LibC.TooManyLinks or LibC.NotExecutable;
            throw new KeyProviderException("key_unavailable", $"{Program} cannot be run: {fault.Message}", !isWrongProgram, fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            AfterWiping?.Invoke(text);
        }
    }

    /// <summary>Returns how many bytes of output there were, once the program has ended well or has printed more than a key.</summary>
    private int Run(Span<byte> text, CancellationToken stop, CancellationToken cancellation)
    {
        using WakeUp wakeUp = new();
        using CancellationTokenRegistration waking = stop.UnsafeRegister(static state => ((WakeUp)state!).Raise(), wakeUp);
        using ChildProcess child = ChildProcess.Start(_arguments, Environment());
        int? length = child.ReadOutput(text, wakeUp);
        if (length == text.Length)
        {
            return text.Length;
        }

        ExitStatus? ended = length is null ? null : child.WaitForExit(wakeUp);
        return ended switch
        {
            null => throw Stopped(cancellation),
            { IsSuccess: false } status =>
                throw new KeyProviderException("key_unavailable", $"{Program} {status}. Its output was discarded.", isTransient: true),
            _ => length!.Value,
        };
    }

    private Exception Stopped(CancellationToken cancellation) => cancellation.IsCancellationRequested
        ? new OperationCanceledException(cancellation)
        : new KeyProviderException("key_unavailable", $"{Program} did not finish within {_timeout.TotalSeconds:0.###} s and was killed.", isTransient: true);

    private static string[] Environment()
    {
        string? home = System.Environment.GetEnvironmentVariable("HOME");
        return
        [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", .. home is null ? Array.Empty<string>() : [$"HOME={home}"],
        ];
    }
}
