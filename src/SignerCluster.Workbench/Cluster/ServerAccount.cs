namespace SignerCluster.Workbench.Cluster;

/// <summary>
/// The user that a server runs as. Servers refuse to run as root, so root starts them as the user that their Debian package made; anybody else starts
/// them as who he is.
/// </summary>
internal sealed class ServerAccount
{
    private ServerAccount(string? user) => User = user;

    /// <summary>Null for the caller himself.</summary>
    internal string? User { get; }

    /// <summary>The words to put before a command, so that it runs as this user.</summary>
    internal IReadOnlyList<string> Prefix => User is null ? [] : ["setpriv", "--reuid", User, "--regid", User, "--clear-groups", "--"];

    /// <summary>Throws <see cref="UnavailableException"/> <c>server_missing</c> when root calls and there is no such user.</summary>
    internal static ServerAccount For(string user, string package)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(null);
        }

        return File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{user}:", StringComparison.Ordinal))
            ? new ServerAccount(user)
            : throw new UnavailableException(
                "server_missing",
                $"There is no user {user}, as whom root starts this server. Install Debian's package {package}: sudo apt-get install {package}");
    }

    /// <summary>Gives files or folders, with all that is in them, to this user.</summary>
    internal async Task OwnAsync(CancellationToken cancellation, params string[] paths)
    {
        if (User is not null)
        {
            await ProgramRun.ToEndAsync(["chown", "-R", $"{User}:{User}", "--", .. paths], environment: null, cancellation);
        }
    }

    /// <summary>Throws <see cref="UsageException"/> <c>data_not_reachable</c> when this user cannot get to the folder.</summary>
    internal void DemandReach(string folder)
    {
        if (User is null)
        {
            return;
        }

        for (DirectoryInfo? step = new(folder); step is not null; step = step.Parent)
        {
            if ((step.UnixFileMode & UnixFileMode.OtherExecute) == UnixFileMode.None)
            {
                throw new UsageException(
                    "data_not_reachable",
                    $"--data: the server runs as the user {User}, who may not enter {step.FullName}. Name another folder with --data DIR, or run: "
                        + $"chmod o+x {step.FullName}");
            }
        }
    }
}
