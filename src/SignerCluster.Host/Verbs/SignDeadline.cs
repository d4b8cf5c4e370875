namespace SignerCluster.Host.Verbs;

/// <summary>Ends the wait for signatures when its time is over or the process is to stop, whatever the work is busy with.</summary>
internal static class SignDeadline
{
    // For an end in order. What is not finished then is left, which is as safe as kill -9 is.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(1);

    /// <summary>Throws <see cref="OperationCanceledException"/> when the process is to stop.</summary>
    /// <param name="sign">Its token is cancelled when the wait ends.</param>
    internal static async Task<SignEnd> RunAsync(SignOrder order, Func<CancellationToken, Task<SignEnd>> sign, CancellationToken stopping)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        over.CancelAfter(order.Timeout);
        // Elsewhere, because reading a long PSBT keeps its thread.
        Task<SignEnd> signing = Task.Run(() => sign(over.Token), CancellationToken.None);
        try
        {
            return await signing.WaitAsync(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            await Task.WhenAny(signing, Task.Delay(_grace, CancellationToken.None));
            if (signing.IsCompletedSuccessfully)
            {
                return await signing;
            }

            stopping.ThrowIfCancellationRequested();
            return SignEnd.TimedOut(order.Session, order.Timeout);
        }
    }
}
